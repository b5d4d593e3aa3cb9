"""Hindi in the PDF is correct when it is copied or read aloud, not only when it is seen."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from portal.core.paper import pdf
from tests.core.paper.samples import ITEM, render, sample

LINES = [
    "निदान: उच्च रक्तचाप",
    "विश्राम करें",
    "दिन में दो बार",
    "मात्रा और शक्ति",
    "चिकित्सा क्षेत्र",
    "परामर्श के लिए प्रतीक्षा कीजिए",
    "त्रिफला चूर्ण न लें",
    "कृपया श्रीमती शर्मा से मिलें",
    "हृदय, मस्तिष्क, स्त्री रोग",
    "विद्यार्थियों की संख्या बढ़ी",
    "पर्ची ३ दिन तक मान्य है",
    "आँखों में बूँदें डालें (Ciprofloxacin 0.3%)",
]


HINDI = sample(
    2,
    language="hi",
    mode="phone",
    kind="follow_up",
    referral="",
    exemption="EXEMPT_AGE",
    complaints="तीन दिन से सिरदर्द; उल्टी नहीं",
    history="मधुमेह 2021 से। किसी दवा से एलर्जी नहीं।",
    findings="स्थिति सामान्य",
    diagnosis="उच्च रक्तचाप",
    investigations="रक्त की जाँच",
    advice="प्रतिदिन तीस मिनट टहलें, विश्राम करें।",
    items=(replace(ITEM, instructions="नाश्ते के बाद"), replace(ITEM, frequency="SOS", instructions="सिरदर्द होने पर ही")),
)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\u0900-\u097f\u200c\u200d]+", unicodedata.normalize("NFC", text)))


def bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_hindi_is_extracted_exactly(text_of, line):
    assert bare(line) in bare(text_of(render(sample(1, advice=line, language="hi"))))


def test_all_lines_together_are_extracted_exactly(text_of):
    text = bare(text_of(render(replace(sample(1), advice=" ".join(LINES)))))
    assert bare("".join(LINES)) in text


def test_a_whole_prescription_in_hindi_is_extracted_word_for_word(text_of):
    assert words(text_of(render(HINDI))) == words(pdf.html_of(HINDI)) + Counter(["पृष्ठ"])


def test_every_hindi_run_has_its_language():
    with pikepdf.open(BytesIO(render(HINDI))) as opened:
        marks = [mark for mark, _ in pikepdf.parse_content_stream(opened.pages[0]) if len(mark) == 2]
    spans = [mark[1] for mark in marks if isinstance(mark[1], pikepdf.Dictionary) and "/ActualText" in mark[1]]
    assert len(spans) > 30
    assert {str(span.Lang) for span in spans} == {"hi"}

"""Hindi in the PDF reads right when it is copied or spoken, not only when it is seen."""

import unicodedata
from dataclasses import replace

import pytest

from portal.core.prescriptions import pdf
from tests.core.prescriptions.samples import sample

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


def bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_hindi_comes_back_exactly(text_of, line):
    assert bare(line) in bare(text_of(pdf.render(sample(1, advice=line, language="hi"))))


def test_all_lines_together_come_back_exactly(text_of):
    text = bare(text_of(pdf.render(replace(sample(1), advice=" ".join(LINES)))))
    assert bare("".join(LINES)) in text

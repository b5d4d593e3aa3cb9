"""The patient's sheet: large, in one language, with pictures of the day."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pikepdf
import pytest

from portal.core.paper import large_print, pdf
from portal.core.paper.content import Content
from tests import verapdf
from tests.core.paper.samples import ITEM, sample

pytestmark = pytest.mark.usefixtures("db")
HELPLINE = "1800-208-8900"
MM = 72 / 25.4  # points
ITEMS = (
    replace(ITEM, dose="1", frequency="1-0-0", purpose="for blood pressure"),
    replace(ITEM, drug="Metformin", strength="500 mg", dose="1", frequency="BD", quantity=60, instructions="PC"),
    replace(ITEM, drug="Atorvastatin", strength="10 mg", dose="1", frequency="HS", instructions="swallow whole"),
    replace(ITEM, drug="Paracetamol", dose="1", frequency="SOS", duration_days=5, quantity=10, instructions=""),
    replace(ITEM, drug="Timolol", form="eye drops", strength="0.5%", dose="1 drop in each eye", frequency="QID"),
)
IN_HINDI = {"advice": "नमक कम खाएँ।", "investigations": "ख़ून की जाँच", "plain": "High blood pressure"}


def print_sheet(content: Content) -> bytes:
    with pdf.printers().reserved() as ask:
        return ask(large_print.request_of(content.to_json()))


def hindi(**changes) -> Content:
    return sample(language="hi", items=ITEMS, **IN_HINDI | changes)


def words_of(html: str) -> str:
    """The text of a page, without its head and tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]).split())


def test_in_hindi_nothing_is_english_but_names_strengths_and_numbers():
    text = words_of(large_print.html_of(hindi(), HELPLINE))
    names = {"AMLODIPINE", "METFORMIN", "ATORVASTATIN", "PARACETAMOL", "TIMOLOL", "mg", "RX"}
    latin = set(re.findall(r"[A-Za-z]{2,}", text.replace("7K2M-9QXR-4TCD-WH3P", "")))
    assert latin - names == set()
    said = ("रमेश कुमार", "डॉ. आशा वर्मा", "ब्लड प्रेशर के लिए", "सुबह 1 गोली", "खाना खाने के बाद", "साबुत निगलें", "30 दिन")
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize("abbreviation", ["BD", "HS", "SOS", "QID", "PC"])
def test_no_abbreviation_of_doctors_is_left(abbreviation):
    for content in (hindi(), sample(items=ITEMS)):
        assert abbreviation not in words_of(large_print.html_of(content, HELPLINE)).split()


def test_a_text_in_the_other_language_is_called_so():
    english = words_of(large_print.html_of(hindi(advice="Rest and water"), HELPLINE))
    assert "डॉक्टर के शब्द, अंग्रेज़ी में: Rest and water" in english
    assert "अंग्रेज़ी में" not in words_of(large_print.html_of(hindi(), HELPLINE))
    assert 'lang="en">Rest and water' in large_print.html_of(hindi(advice="Rest and water"), HELPLINE)


@pytest.mark.parametrize(
    ("text", "language", "is_foreign"),
    [("Rest", "hi", True), ("आराम", "hi", False), ("आराम", "en", True), ("Rest", "en", False), ("150/90", "hi", False)],
)
def test_the_language_of_a_text_is_that_of_its_letters(text, language, is_foreign):
    assert large_print.is_foreign(text, language) is is_foreign


def drawn_sizes(document: bytes) -> set[float]:
    """The sizes at which the content streams set their fonts (operator Tf), scaled by the text matrix."""
    found = set()
    with pikepdf.open(BytesIO(document)) as opened:
        for page in opened.pages:
            scale, size = 1.0, 0.0
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    size = float(operands[1])
                elif str(operator) == "Tm":
                    scale = abs(float(operands[3]))
                elif str(operator) in ("Tj", "TJ"):
                    found.add(round(size * scale, 1))
    return found


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_letter_has_at_least_fourteen_points(db, language):
    sizes = drawn_sizes(print_sheet(hindi() if language == "hi" else sample(items=ITEMS)))
    assert sizes
    assert min(sizes) >= 13.9


def test_five_medicines_with_purposes_advice_tests_and_a_next_date_take_two_pages(db):
    rows = (("OD", ""), ("HS", ""), ("TDS", "after food"), ("OD", "before food"), ("BD", "after food"))
    items = tuple(replace(ITEM, dose="1", frequency=how, instructions=food, purpose="BP") for how, food in rows)
    said = {"advice": "Less salt", "investigations": "Lipid profile", "follow_up_on": date(2026, 12, 2)}
    with pikepdf.open(BytesIO(print_sheet(replace(hindi(**said), items=items)))) as opened:
        assert len(opened.pages) == 2


def test_the_usual_five_medicines_take_two_pages_and_the_same_bytes(db):
    document = print_sheet(hindi())
    with pikepdf.open(BytesIO(document)) as opened:
        assert len(opened.pages) == 2
        assert str(opened.Root.Lang) == "hi"
    assert document == print_sheet(hindi())


def test_the_pictures_say_when_a_medicine_is_taken():
    html = large_print.html_of(sample(items=ITEMS[:1]), HELPLINE)
    assert "🌅☼🌛" in html
    assert "1\t–\t–" in html


def test_an_amount_that_is_longer_than_its_box_is_left_to_the_words():
    long = replace(ITEM, form="injection", dose="12345.125 teaspoons", frequency="BD")
    assert "•\t–\t•" in large_print.html_of(sample(items=(long,)), HELPLINE)


def test_a_long_unit_stands_under_its_number():
    spoon = replace(ITEM, form="syrup", dose="½ tsp", frequency="BD")
    html = large_print.html_of(sample(items=(spoon,)), HELPLINE)
    assert "½\t–\t½\nteaspoon\t\tteaspoon</p>" in html


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("dose", ["10 ml", "12½ ml", "120 units", "1000 units", "10 teaspoons", "125 mcg"])
def test_an_amount_and_its_unit_stand_within_their_box(db, placed_words, dose, language):
    item = replace(ITEM, form="injection", dose=dose, frequency="1-1-1-1", instructions="")
    words = placed_words(print_sheet(sample(items=(item,), language=language)))
    left, below = next(place[:2] for place, text in words if text.split()[0] in ("Morning", "सुबह"))
    said = [(place, text) for place, text in words if 8 < below - place[1] < 40 and text[0].isalnum()]
    assert " ".join(text for _, text in said).split().count(dose.split()[0]) == 4
    last, inside = (
        3 * 43 * MM,
        (41 - 2 - 1) * MM,
    )  # where the fourth box begins; from its time's first letter to its frame
    assert max(place[2] for place, _ in said) - left < last + inside


def test_advice_alone_makes_a_sheet_too():
    assert "The doctor's advice" in words_of(large_print.html_of(sample(0), HELPLINE)).replace("&#39;", "'")


def test_the_sheet_keeps_both_claims(db, tmp_path):
    longest = sample(12, language="hi", advice="Rest ≤ 3 days & <water>")
    assert verapdf.failures(tmp_path, [print_sheet(each) for each in (hindi(), sample(items=ITEMS), longest)]) == []

"""The page of the search, its options under a medicine's name, and its JSON."""

import re
from urllib.parse import urlencode

import pytest

from portal.core.formulary.models import Drug
from tests.consulting import make_drug
from tests.factories import make_staff, make_visit

JSON = {"Accept": "application/json"}


@pytest.fixture
def doctor(sign_in):
    """A doctor, with three medicines in the list."""
    make_drug("Paracetamol", aliases="acetaminophen", brands="Crocin", route="oral", default_frequency="TDS")
    make_drug("Tramadol", tele_class="PROHIBITED")
    make_drug("Quillamin", tele_class="", form="injection", route="intramuscular", strengths="")
    return sign_in(make_staff("doctor"))


def test_programs_get_the_columns_of_the_contract(doctor) -> None:
    assert doctor.get("/formulary?q=CROC", headers=JSON).json == [
        {
            "name": "Paracetamol",
            "form": "tablet",
            "strengths": ["500 mg", "650 mg"],
            "class": "O",
            "brand": "Crocin",
            "route": "oral",
            "frequency": "TDS",
        }
    ]
    assert [row["brand"] for row in doctor.get("/formulary?q=acetam", headers=JSON).json] == [""]


def test_the_page_works_without_javascript(doctor) -> None:
    text = doctor.get("/formulary?q=crocin").text
    assert "Crocin = Paracetamol" in text
    assert "List O: any consultation" in text
    assert "May not be prescribed" in doctor.get("/formulary?q=tram").text
    assert "It may still be written by hand" in doctor.get("/formulary?q=zzzzz").text


def test_htmx_gets_the_list_alone(doctor) -> None:
    text = doctor.get("/formulary?q=crocin", headers={"HX-Request": "true"}).text
    assert text.strip().startswith('<div id="found"')


def test_an_option_carries_what_it_fills_in_and_a_prohibited_one_nothing(doctor) -> None:
    option = doctor.get("/formulary?part=options&q=crocin").text
    assert all(part in option for part in ('role="option"', 'data-drug="Paracetamol"', 'data-frequency="TDS"'))
    assert 'data-strength="500 mg|650 mg"' in option
    assert 'data-instructions="intramuscular"' in doctor.get("/formulary?part=options&q=quilla").text
    barred = doctor.get("/formulary?part=options&q=tramadol").text
    assert ('aria-disabled="true"' in barred, "data-drug" in barred) == (True, False)


def test_an_unclassified_medicine_is_said_to_be_in_no_list(doctor) -> None:
    assert "In no list: your judgement" in doctor.get("/formulary?q=quilla").text


def test_the_other_language_shows_the_same_search(doctor) -> None:
    page = doctor.get("/formulary", query_string={"q": "पैरासिटामोल"}).text
    (link,) = re.findall(r'href="(/lang/hi[^"]*)"', page)
    assert doctor.get(link).headers["Location"] == "/formulary?" + urlencode({"q": "पैरासिटामोल"})


def test_only_doctors_have_permission_to_search_medicines(sign_in) -> None:
    for role in ("pharmacist", "medical_officer", "admin"):
        assert sign_in(make_staff(role)).get("/formulary?q=a").status_code == 403


def test_the_consult_page_does_not_grow_with_the_list(sign_in) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.doctor)
    make_drug("Paracetamol")
    before = len(browser.get(f"/visits/{visit.uid}/consult").data)
    rows = [{"name": f"Zeburol {number:04}", "form": f"form {number}", "since": 1} for number in range(500)]
    for place in range(0, 500, 50):
        Drug.insert_many(rows[place : place + 50]).execute()
    make_drug("Zinc")
    after = len(browser.get(f"/visits/{visit.uid}/consult").data)
    assert after <= before < 60_000


def test_the_search_shows_the_class_that_counts(doctor) -> None:
    make_drug("Amlodipine", tele_class="A", class_source="")
    assert [row["class"] for row in doctor.get("/formulary?q=amlod", headers=JSON).json] == [""]
    assert 'data-state="class-none"' in doctor.get("/formulary?q=amlod").text

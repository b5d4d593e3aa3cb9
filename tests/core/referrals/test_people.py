"""Medical officers find people of the own centre by name in either script, Ben ID, patient ID and mobile."""

import pytest

from portal.base.errors import Invalid
from portal.core.referrals.people import SHOWN, chosen_person, find_people
from tests.factories import make_beneficiary, make_centre, make_entry, make_staff


@pytest.fixture
def officer(db):
    return make_staff("medical_officer", centre=make_centre("01"))


@pytest.fixture
def ramesh(officer):
    return make_entry(ben_id="7000001", name="Ramesh Kumar", name_hi="रमेश कुमार", mobile="+919876500001")


@pytest.fixture
def others(officer):
    make_entry(ben_id="7000002", name="Sunita Devi", name_hi="सुनीता देवी", mobile="+919876500002")
    make_entry(ben_id="7000003", name="Ramesh Kumar", centre=make_centre("02"), mobile="+919876500001")


def names(officer, text) -> list[str]:
    return [entry.ben_id for entry in find_people(officer, text).people]


@pytest.mark.parametrize(
    "text",
    [
        *("Ramesh", "ramesh kumar", "kumar RAM", "R Kumar", "रमेश", "कुमार रमे"),
        *("7000001", "७०००००१", " 7000001 ", "9876500001", "+91 98765 00001", "98765-00001"),
    ],
)
def test_a_person_is_found_by_name_in_either_script_and_by_numbers(officer, ramesh, others, text):
    assert names(officer, text) == ["7000001"]


def test_a_person_is_found_by_patient_id(officer, ramesh):
    make_beneficiary(entry=ramesh, patient_id="2611230000017")
    assert names(officer, "2611230000017") == ["7000001"]


@pytest.mark.parametrize("typed", ["बड\u093cे", "ब\u095cे"])
@pytest.mark.parametrize("stored", ["बड\u093cे लाल", "ब\u095cे लाल"])
def test_a_nukta_letter_is_found_however_it_is_composed(officer, typed, stored):
    make_entry(ben_id="7000009", name="Bade Lal", name_hi=stored)
    assert names(officer, typed) == ["7000009"]


@pytest.mark.parametrize("text", ["", "  ", "r", "%", "_", "Farid", "7000003"])
def test_nobody_is_found_by_too_little_by_wildcards_or_of_another_centre(officer, ramesh, others, text):
    assert names(officer, text) == []


def test_a_long_list_says_that_there_are_more(officer):
    for _ in range(SHOWN + 1):
        make_entry(name="Ramesh Kumar")
    found = find_people(officer, "Ramesh")
    assert (len(found.people), found.more) == (SHOWN, True)


def test_a_whole_ben_id_needs_no_choice_and_a_name_does(officer, ramesh, others):
    assert chosen_person(officer, "7000001", "") == "7000001"
    assert chosen_person(officer, "Ramesh", "7000001") == "7000001"
    for text, chosen in (("Ramesh", ""), ("Ramesh", "7000002"), ("Ramesh", "7000003"), ("Farid", ""), ("", "")):
        with pytest.raises(Invalid) as refused:
            chosen_person(officer, text, chosen)
        assert set(refused.value.fields) == {"ben_id"}

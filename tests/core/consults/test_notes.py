"""The doctor's form becomes checked notes, or says what is wrong, all fields at once."""

from datetime import date

import pytest

from portal.core.consults import notes
from portal.core.errors import Invalid
from tests.consulting import typed

TODAY = date(2026, 11, 23)


def problems_of(**form: str) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        notes.read(form, today=TODAY)
    return error.value.fields


def test_a_filled_form_is_read_and_shown_again_as_it_was() -> None:
    read = notes.read(typed(mode="video", kind="first", follow_up_on="2026-12-01"), today=TODAY)
    assert [item.drug for item in read.items] == ["Paracetamol", "Cetirizine"]
    shown = notes.as_form(read)
    assert {name: shown[name] for name in typed()} == typed()
    assert shown["follow_up_on"] == "2026-12-01"


def test_an_empty_form_is_an_empty_draft() -> None:
    assert notes.read({}, today=TODAY) == notes.Notes()


def test_empty_rows_between_are_left_out_and_keep_their_numbers_for_errors() -> None:
    read = notes.read({"items-0-drug": " ", "items-2-drug": "Zinc sulphate", "items-1-dose": ""}, today=TODAY)
    assert [(item.place, item.drug) for item in read.items] == [(2, "Zinc sulphate")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("items-0-quantity", "-5"),
        ("items-0-quantity", "0"),
        ("items-0-quantity", "ten"),
        ("items-0-quantity", "10000"),
        ("items-0-quantity", "9" * 5000),
        ("items-0-duration_days", "1.5"),
        ("items-0-duration_days", "367"),
        ("items-0-drug", "x" * 121),
        ("items-0-instructions", "x" * 201),
        ("diagnosis", "x" * 501),
        ("complaints", "x" * 4001),
        ("icd10", "headache"),
        ("icd10", "G4"),
        ("follow_up_on", "tomorrow"),
        ("follow_up_on", "2026-11-22"),
        ("follow_up_on", "2028-01-01"),
        ("vitals-pulse", "fast"),
        ("vitals-pulse", "-70"),
        ("vitals-systolic", "1200"),
        ("vitals-temperature", "60"),
        ("mode", "carrier pigeon"),
        ("kind", "third"),
    ],
)
def test_what_cannot_be_is_refused_on_its_own_field(name: str, value: str) -> None:
    assert set(problems_of(**typed(**{name: value}))) == {name}


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = {"items-0-quantity": "x", "icd10": "?", "follow_up_on": "?", "vitals-spo2": "300"}
    assert set(problems_of(**typed(**wrong))) == set(wrong)


def test_a_row_without_a_medicine_is_refused() -> None:
    assert set(problems_of(**{"items-3-dose": "1"})) == {"items-3-drug"}


def test_more_rows_than_a_prescription_has_are_refused() -> None:
    assert set(problems_of(**{f"items-{number}-drug": "Zinc" for number in range(31)})) == {"items"}


def test_fahrenheit_is_kept_as_celsius() -> None:
    assert notes.read({"vitals-temperature": "98.6"}, today=TODAY).vitals == {"temperature": 37.0}
    assert notes.read({"vitals-temperature": "37.5"}, today=TODAY).vitals == {"temperature": 37.5}


def test_control_characters_are_left_out_and_hindi_joiners_stay() -> None:
    read = notes.read({"advice": "a\x00b\r\nc\u200d", "diagnosis": "\tx\x1b"}, today=TODAY)
    assert (read.advice, read.diagnosis) == ("ab\nc\u200d", "x")


def test_of_a_suggested_diagnosis_only_the_code_is_kept() -> None:
    assert notes.read({"icd10": "i10 High blood pressure"}, today=TODAY).icd10 == "I10"


def test_at_least_one_empty_row_is_shown() -> None:
    assert notes.row_numbers({}) == [0]
    assert notes.row_numbers(typed()) == [0, 1, 2]
    assert notes.row_numbers(typed(), blank=2) == [0, 1, 2, 3]

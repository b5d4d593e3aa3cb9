"""The doctor's form is parsed, or every wrong field has its error."""

from datetime import date

import pytest

from portal.base.errors import Invalid
from portal.core.prescribing import notes
from tests.consulting import typed

TODAY = date(2026, 11, 23)


def problems_of(**form: str) -> dict[str, str]:
    return notes.problems(form, today=TODAY)


def test_a_filled_form_survives_the_round_trip() -> None:
    read = notes.read(typed(mode="video", kind="first", follow_up_on="2026-12-01"), today=TODAY)
    assert [item.drug for item in read.items] == ["Paracetamol", "Cetirizine"]
    shown = notes.as_form(read)
    assert {name: shown[name] for name in typed()} == typed()
    assert shown["follow_up_on"] == "2026-12-01"


def test_an_empty_form_is_an_empty_draft() -> None:
    assert notes.read({}, today=TODAY) == notes.Notes()


def test_empty_rows_are_left_out_and_others_keep_their_numbers_for_errors() -> None:
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
    ],
)
def test_invalid_input_is_kept_as_typed_and_marked_at_its_field(name: str, value: str) -> None:
    form = typed(**{name: value})
    assert set(problems_of(**form)) >= {name}
    assert notes.as_form(notes.read(form, today=TODAY))[name] == value
    assert notes.read(form, today=TODAY).complaints in {"Headache for three days", ""}


@pytest.mark.parametrize(("name", "value"), [("mode", "carrier pigeon"), ("kind", "third"), ("advice", "x" * 20_001)])
def test_what_no_browser_sends_is_refused(name: str, value: str) -> None:
    with pytest.raises(Invalid) as error:
        notes.read(typed(**{name: value}), today=TODAY)
    assert set(error.value.fields) == {name}


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = {"items-0-quantity": "x", "icd10": "?", "follow_up_on": "?", "vitals-spo2": "300"}
    assert set(problems_of(**typed(**wrong))) == set(wrong)


def test_a_row_without_a_medicine_is_refused() -> None:
    assert set(problems_of(**{"items-3-dose": "1"})) == {"items-3-drug"}


def test_rows_over_the_limit_are_kept_and_marked() -> None:
    form = {f"items-{number}-drug": "Zinc" for number in range(31)}
    assert set(problems_of(**form)) == {"items"}
    assert len(notes.read(form, today=TODAY).items) == 31


@pytest.mark.parametrize(
    ("typed_in", "kept"),
    [
        ({"vitals-systolic": "130/80"}, {"systolic": 130, "diastolic": 80}),
        ({"vitals-systolic": "130 / 80 mmHg", "vitals-diastolic": "80"}, {"systolic": 130, "diastolic": 80}),
        ({"vitals-diastolic": "१३०/८०"}, {"systolic": 130, "diastolic": 80}),
        ({"vitals-spo2": "97%"}, {"spo2": 97}),
        ({"vitals-temperature": "98,6"}, {"temperature": 37}),
        ({"vitals-temperature": "98.6 °F"}, {"temperature": 37}),
        ({"vitals-temperature": "100f"}, {"temperature": 37.8}),
        ({"vitals-temperature": "38.2 C"}, {"temperature": 38.2}),
        ({"vitals-pulse": "१४०"}, {"pulse": 140}),
        ({"vitals-pulse": "72/min"}, {"pulse": 72}),
        ({"vitals-weight": "72,5 kg"}, {"weight": 72.5}),
    ],
)
def test_doctors_notations_are_parsed(typed_in: dict[str, str], kept: dict[str, float]) -> None:
    assert problems_of(**typed_in) == {}
    assert notes.read(typed_in, today=TODAY).vitals == kept


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("vitals-glucose", "1,500", "1500"),
        ("vitals-glucose", "1,25,000", "125000"),
        ("items-0-quantity", "1,500", "1500"),
        ("items-0-quantity", "१,५००", "1500"),
    ],
)
def test_a_number_with_a_thousands_comma_is_questioned_and_never_guessed(name: str, value: str, number: str) -> None:
    assert problems_of(**{"items-0-drug": "Zinc", name: value}) == {
        name: f"Is this {number}? Write it without a comma."
    }
    read = notes.read({"items-0-drug": "Zinc", name: value}, today=TODAY)
    assert (read.vitals, read.items[0].quantity, read.unread) == ({}, None, {name: value})


def test_contradicting_blood_pressures_are_questioned() -> None:
    form = {"vitals-systolic": "130/80", "vitals-diastolic": "90"}
    assert set(problems_of(**form)) == {"vitals-systolic"}
    assert notes.as_form(notes.read(form, today=TODAY))["vitals-systolic"] == "130/80"


@pytest.mark.parametrize(
    "form",
    [
        {"vitals-systolic": "80", "vitals-diastolic": "130"},
        {"vitals-systolic": "90", "vitals-diastolic": "90"},
        {"vitals-systolic": "80/130"},
    ],
)
def test_an_upper_value_below_the_lower_one_is_questioned_at_the_field(form: dict[str, str]) -> None:
    assert problems_of(**form).keys() == form.keys()
    read = notes.read(form, today=TODAY)
    assert (read.vitals, read.unread) == ({}, form)


@pytest.mark.parametrize("text", ["2026-12-01", "01/12/2026", "1-12-2026", "०१.१२.२०२६"])
def test_a_day_is_parsed_as_people_write_it(text: str) -> None:
    assert notes.read({"follow_up_on": text}, today=TODAY).follow_up_on == date(2026, 12, 1)


def test_days_and_units_may_follow_their_number() -> None:
    item = notes.read(
        {"items-0-drug": "Zinc", "items-0-duration_days": "५ दिन", "items-0-quantity": "10 tabs"}, today=TODAY
    ).items[0]
    assert (item.duration_days, item.quantity) == (5, 10)


def test_invalid_input_moves_with_its_row() -> None:
    read = notes.read({"items-4-drug": "Zinc", "items-4-quantity": "ten", "icd10": "diab"}, today=TODAY)
    assert notes.renumbered(read).unread == {"items-0-quantity": "ten", "icd10": "diab"}


def test_fahrenheit_is_stored_as_celsius() -> None:
    assert notes.read({"vitals-temperature": "98.6"}, today=TODAY).vitals == {"temperature": 37.0}
    assert notes.read({"vitals-temperature": "37.5"}, today=TODAY).vitals == {"temperature": 37.5}


def test_control_characters_are_stripped_and_hindi_joiners_stay() -> None:
    read = notes.read({"advice": "a\x00b\r\nc\u200d", "diagnosis": "\tx\x1b"}, today=TODAY)
    assert (read.advice, read.diagnosis) == ("ab\nc\u200d", "x")


def test_of_a_suggested_diagnosis_only_the_code_is_kept() -> None:
    assert notes.read({"icd10": "i10 High blood pressure"}, today=TODAY).icd10 == "I10"


def test_at_least_one_empty_row_is_shown() -> None:
    assert notes.row_numbers({}) == [0]
    assert notes.row_numbers(typed()) == [0, 1, 2]
    assert notes.row_numbers(typed(), blank=2) == [0, 1, 2, 3]

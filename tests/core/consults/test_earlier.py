"""Earlier visits: what a treating doctor sees of them, and the last prescription once more."""

from datetime import date, timedelta

import pytest

from portal.core.consults import earlier
from portal.core.consults.earlier import Last
from portal.core.prescribing.notes import Item, Notes
from portal.core.visits.models import Visit
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_session, make_specialty, make_staff, make_visit

OCTOBER = date(2026, 10, 12)
EMPTY = Notes()
LAST = Last(
    OCTOBER,
    (
        Item(0, "Amlodipine", "tablet", "5 mg", "1", "OD", 30, 30),
        Item(1, "Metformin", "tablet", "500 mg", "1", "BD", 30, 60, "with food"),
    ),
    "Type 2 diabetes",
    "E11",
)


def past_visit(person, now, code="medicine", **notes):
    """A completed visit of a month ago, with a prescription."""
    specialty = make_specialty(code)
    session = make_session(specialty=specialty, day=now.date() - timedelta(days=30))
    doctor = make_staff("doctor", specialty=specialty)
    visit = make_visit("in_call", beneficiary=person, session=session, doctor=doctor)
    make_prescription(now - timedelta(days=30), visit, **notes)
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    return visit


@pytest.fixture
def person(app):
    return make_beneficiary()


def test_earlier_visits_are_listed_with_diagnosis_and_vitals(person, now) -> None:
    visit = past_visit(person, now, **{"vitals-pulse": "72"})
    (past,) = earlier.past_of(person, make_staff("doctor"))
    assert (past.uid, past.doctor, past.diagnosis, past.vitals) == (
        visit.uid,
        visit.doctor,
        "Tension headache",
        {"pulse": 72},
    )
    assert past.may_open


def test_a_psychiatry_visit_is_a_day_alone_for_doctors_of_other_specialties(person, now) -> None:
    visit = past_visit(person, now, "psychiatry", **{"vitals-pulse": "72"})
    (past,) = earlier.past_of(person, make_staff("doctor"))
    assert (past.specialty, past.doctor, past.diagnosis, past.vitals, past.may_open) == (None, None, "", {}, False)
    (own,) = earlier.past_of(person, make_staff("doctor", specialty=make_specialty("psychiatry")))
    assert own.may_open
    (author,) = earlier.past_of(person, visit.doctor)
    assert author.may_open


def test_the_last_prescription_is_that_of_this_specialty(person, now) -> None:
    past_visit(person, now)
    past_visit(person, now, "eye", **{"items-0-drug": "Timolol"})
    last = earlier.last_of(make_visit("in_call", beneficiary=person))
    assert last is not None
    assert [item.drug for item in last.items] == ["Paracetamol", "Cetirizine"]


def test_without_an_earlier_prescription_nothing_is_repeated(person) -> None:
    assert earlier.last_of(make_visit("in_call", beneficiary=person)) is None


def repeated(notes: Notes = EMPTY, language: str = "en", known=(), **choices: str) -> Notes:
    form = {f"repeat-{name[-1]}": value for name, value in choices.items()}
    return earlier.repeated(notes, LAST, form, language, dict.fromkeys(known, "RX-1"))


def test_every_medicine_is_renewed_and_marked_as_taken_since() -> None:
    rows = repeated().items
    assert [(row.place, row.drug, row.quantity, row.taken_since) for row in rows] == [
        (0, "Amlodipine", 30, "12.10.2026"),
        (1, "Metformin", 60, "12.10.2026"),
    ]


def test_a_medicine_of_a_valid_prescription_continues_that_one() -> None:
    assert [row.taken_since for row in repeated(known=["Amlodipine"]).items] == ["", "12.10.2026"]


def test_a_changed_medicine_waits_for_its_days_and_quantity() -> None:
    row = repeated(choice_0="change").items[0]
    assert (row.drug, row.strength, row.duration_days, row.quantity) == ("Amlodipine", "5 mg", None, None)


@pytest.mark.parametrize(("language", "sentence"), [("en", "Stop taking Metformin."), ("hi", "Metformin लेना बंद करें।")])
def test_a_stopped_medicine_is_left_out_and_the_patient_is_told_in_his_language(language, sentence) -> None:
    notes = repeated(Notes(advice="Walk daily"), language, choice_1="stop")
    assert [row.drug for row in notes.items] == ["Amlodipine"]
    assert notes.advice == f"Walk daily\n{sentence}"


def test_pressed_twice_it_adds_nothing_twice() -> None:
    once = repeated(choice_1="stop")
    form = {"repeat-1": "stop"}
    assert earlier.repeated(once, LAST, form, "en", {}) == once


def test_what_is_typed_already_stays_above_the_rows() -> None:
    notes = repeated(Notes(items=(Item(3, "amlodipine", strength="10 mg"),)))
    assert [(row.place, row.drug, row.strength) for row in notes.items] == [
        (3, "amlodipine", "10 mg"),
        (4, "Metformin", "500 mg"),
    ]


def test_the_diagnosis_of_last_time_is_filled_in_only_where_none_is_typed() -> None:
    assert (repeated().diagnosis, repeated().icd10) == ("Type 2 diabetes", "E11")
    typed = repeated(Notes(diagnosis="Gout"))
    assert (typed.diagnosis, typed.icd10) == ("Gout", "")

"""My medicines: composed from what was issued and given."""

from datetime import date, timedelta

import pytest

from portal.base import language
from portal.core.dispensing import services as dispensing
from portal.core.family.medicines import sheet_of
from portal.core.prescriptions.models import Prescription
from portal.core.visits.services import complete
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_drug, make_prescription
from tests.factories import make_staff, make_visit


@pytest.fixture
def issued(db, now) -> Prescription:
    """15 Paracetamol for five days, 10 Cetirizine for ten."""
    return make_prescription(now)


def test_a_visit_without_a_prescription_has_no_medicines(db, now):
    assert sheet_of(make_visit("completed"), now) is None


def test_the_medicines_are_said_in_the_readers_language(issued, now):
    with language.speaking("hi"):
        sheet = sheet_of(issued.visit, now)
    assert [row.card.turns[0].words for row in sheet.medicines] == ["1 गोली दिन में तीन बार", "1 गोली सोते समय"]
    assert sheet.content.advice == "Rest and water"


def test_the_days_are_counted_from_the_day_of_issue_until_something_is_given(issued, now):
    later = sheet_of(issued.visit, now + timedelta(days=3))
    assert [row.days_left for row in later.medicines] == [2, 7]
    assert [row.days_left for row in sheet_of(issued.visit, now + timedelta(days=400)).medicines] == [0, 0]


def test_the_days_are_counted_from_the_day_on_which_a_medicine_was_first_given(issued, now):
    pharmacist = make_staff("pharmacist")
    for days in (2, 3):
        dispensing.dispense(
            issued, pharmacist, pharmacist.centre, {"items-0-quantity": "6"}, by=SYSTEM, now=now + timedelta(days=days)
        )
    paracetamol, cetirizine = sheet_of(issued.visit, now + timedelta(days=3)).medicines
    assert (paracetamol.begun_on, paracetamol.days_left, paracetamol.to_collect) == (date(2026, 11, 25), 4, 3)
    assert (cetirizine.begun_on, cetirizine.is_collected, cetirizine.to_collect) == (date(2026, 11, 23), False, 10)


def test_what_is_taken_when_needed_has_no_days_left(db, now):
    issued = make_prescription(now, **{"items-0-frequency": "SOS"})
    assert sheet_of(issued.visit, now).medicines[0].days_left is None


def test_the_code_is_a_picture_of_the_papers_address(issued, now):
    assert sheet_of(issued.visit, now).qr.startswith("data:image/svg+xml")
    assert issued.code in sheet_of(issued.visit, now).content.verify_url


@pytest.fixture
def for_long(db, now) -> Prescription:
    """Amlodipine for a year, one a day, of which 90 are given at a time."""
    make_drug("Amlodipine", chronic=True)
    year = {"items-0-drug": "Amlodipine", "items-0-strength": "5 mg", "items-0-frequency": "OD"}
    return make_prescription(now, **year, **{"items-0-duration_days": "365", "items-0-quantity": "365"})


def test_what_is_given_in_parts_says_how_much_today_and_from_when_the_next(for_long, now):
    at_first = sheet_of(for_long.visit, now).medicines[0]
    assert (at_first.now, at_first.next_on) == (90, date(2026, 11, 23) + timedelta(days=83))
    pharmacist = make_staff("pharmacist")
    dispensing.dispense(for_long, pharmacist, pharmacist.centre, {"items-0-quantity": "90"}, by=SYSTEM, now=now)
    after = sheet_of(for_long.visit, now).medicines[0]
    assert (after.now, after.next_on) == (0, date(2026, 11, 23) + timedelta(days=83))
    assert sheet_of(for_long.visit, now).medicines[1].next_on is None  # ten of cetirizine, all at once


def test_a_next_part_after_the_last_day_is_none(for_long, now):
    pharmacist = make_staff("pharmacist")
    late = now + timedelta(days=170)
    dispensing.dispense(for_long, pharmacist, pharmacist.centre, {"items-0-quantity": "90"}, by=SYSTEM, now=late)
    assert sheet_of(for_long.visit, late).medicines[0].next_on is None


def test_the_page_of_the_visit_names_the_day_of_the_next_part(for_long, now, sign_in):
    pharmacist = make_staff("pharmacist")
    dispensing.dispense(for_long, pharmacist, pharmacist.centre, {"items-0-quantity": "90"}, by=SYSTEM, now=now)
    complete(for_long.visit, by=Actor("staff", for_long.doctor.uid), now=now)
    page = sign_in(for_long.beneficiary).get(f"/visits/{for_long.visit.uid}").text
    assert "The next part from 14 Feb 2027." in page

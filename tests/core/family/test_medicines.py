"""My medicines: composed from what was issued and given."""

from datetime import date, timedelta

import pytest

from portal.base import language
from portal.core.dispensing import services as dispensing
from portal.core.family.medicines import sheet_of
from portal.core.prescriptions.models import Prescription
from portal.work.audit import SYSTEM
from tests.consulting import make_prescription
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

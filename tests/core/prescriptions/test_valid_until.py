"""The last day of an issued prescription and of each of its medicines: fixed at issuing, from the first version on."""

from datetime import date, timedelta

import pytest

from portal.core.prescriptions import exchange, reading
from portal.settings import clinic
from portal.work.audit import SYSTEM
from tests.consulting import make_drug, make_prescription
from tests.core.prescriptions.test_amending import amend


@pytest.fixture(autouse=True)
def medicines(db: None) -> None:
    make_drug("Paracetamol")
    make_drug("Cetirizine")
    make_drug("Amlodipine", chronic=True, tele_class="A")


def until(days: int) -> date:
    return date(2026, 11, 23) + timedelta(days=days)


def test_a_prescription_is_valid_as_long_as_its_longest_medicine(now) -> None:
    issued = make_prescription(now, **{"items-1-drug": "Amlodipine", "items-1-strength": "5 mg"})
    assert issued.valid_until == until(180)
    assert [(item.chronic, item.valid_until) for item in reading.items_of(issued)] == [
        (False, until(15)),
        (True, until(180)),
    ]


def test_a_correction_counts_from_the_day_of_the_first_version(now) -> None:
    new = amend(make_prescription(now), now + timedelta(days=6), **{"items-0-quantity": "10"})
    assert new.valid_until == until(15)
    assert [item.valid_until for item in reading.items_of(new)] == [until(15), until(15)]


def test_a_later_setting_does_not_change_what_was_issued(now) -> None:
    issued = make_prescription(now)
    clinic.put("prescription_acute_days", "1")
    assert reading.status_of(issued, now + timedelta(days=15)) == "valid"
    assert reading.status_of(issued, now + timedelta(days=16)) == "expired"


def test_the_record_for_others_tells_the_last_day_of_each_medicine(queue, now) -> None:
    issued = make_prescription(now, **{"items-1-drug": "Amlodipine", "items-1-strength": "5 mg"})
    queue.drain()
    record = exchange.record_of(issued.visit.uid, by=SYSTEM, now=now)
    assert (record.valid_until, record.collect_until) == (until(180), (until(15), until(180)))

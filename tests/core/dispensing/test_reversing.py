"""Reversal: within fifteen minutes, at the own centre, with a reason; what was given then counts as not given."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.dispensing import history
from portal.core.dispensing.models import Dispensing
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings import clinic
from portal.work.audit import AuditRow
from tests.at_once import at_once, done
from tests.consulting import make_prescription
from tests.core.dispensing.counter import Counter, dispensed
from tests.core.prescriptions.test_amending import amend
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")


def later(counter: Counter, minutes: float) -> Counter:
    found = replace(counter, now=counter.now + timedelta(minutes=minutes))
    found.pharmacist = counter.pharmacist
    return found


def test_what_was_reversed_can_be_given_again_and_stays_in_the_history(issued, counter) -> None:
    counter.give(issued, items__0__quantity="15", items__1__quantity="4")
    second = counter.give(issued, items__1__quantity="6")
    counter.reverse(issued, second, "Wrong box")
    assert dispensed() == [15, 4]
    assert [[line[:2] for line in one.lines] for one in history.given(issued)] == [
        [("Paracetamol", 15), ("Cetirizine", 4)]
    ]
    assert [one.row.reverse_reason for one in history.all_of(issued)] == ["", "Wrong box"]
    assert AuditRow.select().where(AuditRow.action == "DispensingReversed").count() == 1
    counter.give(issued, items__1__quantity="6")
    assert dispensed() == [15, 10]


def test_it_is_too_late_after_fifteen_minutes(issued, counter) -> None:
    counter.give(issued, items__0__quantity="15")
    with pytest.raises(Conflict, match="too long ago"):
        later(counter, 15.1).reverse(issued)
    assert dispensed() == [15, 0]
    later(counter, 15).reverse(issued)
    assert dispensed() == [0, 0]


def test_the_minutes_are_a_setting(issued, counter) -> None:
    clinic.put("reverse_minutes", "60")
    counter.give(issued, items__0__quantity="15")
    later(counter, 59).reverse(issued)
    assert dispensed() == [0, 0]


def test_it_is_reversed_once(issued, counter) -> None:
    handed = counter.give(issued, items__0__quantity="5")
    counter.give(issued, items__0__quantity="5")
    counter.reverse(issued, handed)
    with pytest.raises(Conflict, match="already"):
        counter.reverse(issued, handed)
    assert dispensed() == [5, 0]


def test_without_a_name_the_last_one_of_this_centre_is_reversed(issued, counter, now) -> None:
    counter.give(issued, items__0__quantity="1")
    counter.give(issued, items__0__quantity="2")
    Counter(now, "02").give(issued, items__0__quantity="4")
    counter.reverse(issued)
    assert dispensed() == [5, 0]


def test_another_centre_cannot_reverse_and_a_colleague_can(issued, counter, now) -> None:
    handed = counter.give(issued, items__0__quantity="5")
    elsewhere = Counter(now, "02")
    for named in (handed, None):
        with pytest.raises(NotFound):
            elsewhere.reverse(issued, named)
    Counter(now).reverse(issued, handed)
    assert dispensed() == [0, 0]


def test_the_dispensing_of_another_prescription_is_not_found(issued, counter, now) -> None:
    other = counter.give(make_prescription(now), items__0__quantity="5")
    with pytest.raises(NotFound):
        counter.reverse(issued, other)


def test_a_reason_is_required(issued, counter) -> None:
    counter.give(issued, items__0__quantity="5")
    with pytest.raises(Invalid):
        counter.reverse(issued, reason="  ")
    assert dispensed() == [5, 0]


def test_after_a_correction_the_new_version_counts_it_as_not_given(issued, counter, now) -> None:
    handed = counter.give(issued, items__0__quantity="12", items__1__quantity="3")
    new = amend(issued, now, **{"items-0-quantity": "10"})
    newest = amend(new, now, **{"items-0-quantity": "11"})
    counter.give(newest, items__1__quantity="2")
    assert [(item.dispensed, item.over) for item in reading.items_of(newest)] == [(11, 1), (5, 0)]
    counter.reverse(newest, handed)
    assert [(item.dispensed, item.over) for item in reading.items_of(newest)] == [(0, 0), (2, 0)]
    counter.give(newest, items__0__quantity="11", items__1__quantity="8")
    assert [item.dispensed for item in reading.items_of(newest)] == [11, 10]


def test_after_cancelling_it_can_still_be_said_that_nothing_was_given(issued, counter, now) -> None:
    counter.give(issued, items__0__quantity="5")
    Prescription.update(cancelled_at=now).execute()
    counter.reverse(issued)
    assert dispensed() == [0, 0]


def test_giving_and_reversing_at_the_same_moment_never_lose_count(app: Flask, issued, now) -> None:
    counters = [Counter(now) for _ in range(4)]
    first = [counter.give(issued, items__0__quantity="2") for counter in counters]

    def reverse(counter: Counter, handed: Dispensing) -> int:
        counter.reverse(issued, handed)
        return -2

    def give(counter: Counter) -> int:
        counter.give(issued, items__0__quantity="3")
        return 3

    acts = [partial(reverse, *pair) for pair in zip(counters, first, strict=True)]
    outcomes = done(at_once(app, acts + [partial(give, counter) for counter in counters]))
    assert PrescribedItem.get(PrescribedItem.position == 0).dispensed == 8 + sum(outcomes) <= 15
    assert Dispensing.select().where(Dispensing.reversed_at.is_null(False)).count() == 4


def test_the_sheet_reverses_with_a_reason_and_says_so(sign_in, issued) -> None:
    browser, sheet = sign_in(make_staff("pharmacist")), f"/dispense?code={issued.code}"
    code = {"code": issued.code}
    browser.submit(f"/dispense/{issued.number}", code | {"items-0-quantity": "15"}, page=sheet)
    page = browser.get(sheet).text
    assert "Reverse, until 9:45" in page
    uid = Dispensing.get().uid
    answer = browser.submit(f"/dispense/{issued.number}/reverse", code | {"dispensing": uid}, page=sheet)
    assert answer.status_code == 422
    assert f'href="#reason-{uid}"' in answer.text
    form = code | {"dispensing": uid, "reason": "Wrong box"}
    answer = browser.submit(f"/dispense/{issued.number}/reverse", form, page=sheet)
    assert (answer.status_code, answer.location) == (303, sheet)
    page = browser.get(sheet).text
    assert "Reversed: these medicines count as not given." in page
    assert "Wrong box" in page
    assert 'value="15"' in page
    assert browser.submit(f"/dispense/{issued.number}/reverse", form, page=sheet).status_code == 409


def test_reversing_needs_the_code(sign_in, issued, counter) -> None:
    counter.give(issued, items__0__quantity="5")
    browser = sign_in(make_staff("pharmacist"))
    answer = browser.submit(f"/dispense/{issued.number}/reverse", {"reason": "Wrong box"}, page="/dispense")
    assert (answer.status_code, dispensed()) == (404, [5, 0])


def test_the_patient_does_not_see_what_was_reversed(sign_in, issued, counter) -> None:
    counter.give(issued, items__0__quantity="5")
    counter.reverse(issued)
    issued.visit.update(state="completed", live_key=None).execute()
    text = sign_in(issued.beneficiary).get(f"/visits/{issued.visit.uid}").text
    assert "Paracetamol: 5" not in text
    assert "Wrong box" not in text

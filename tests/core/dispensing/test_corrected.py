"""Giving on a prescription that is corrected or cancelled: nothing is given twice, and what was given counts."""

from datetime import datetime
from functools import partial

import pytest
from flask import Flask

from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.dispensing import history
from portal.core.dispensing import services as dispensing
from portal.core.prescriptions import amending, cancelling, reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.work.audit import Actor
from tests.at_once import at_once, done
from tests.consulting import make_prescription, typed
from tests.core.prescriptions.test_amending import NO_CETIRIZINE, amend, author, begin, issue, write
from tests.factories import make_centre, make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    return make_prescription(now)


def cancel(issued: Prescription, staff: Staff, now: datetime) -> None:
    cancelling.cancel(issued, staff, "Wrong patient", by=author(issued), now=now)


def give(issued: Prescription, now: datetime, **quantities: str) -> None:
    pharmacist = make_staff("pharmacist")
    form = {name.replace("_", "-"): text for name, text in quantities.items()}
    by = Actor("staff", pharmacist.uid)
    dispensing.dispense(issued, pharmacist, pharmacist.centre, form, by=by, now=now)


def hand_out_two(issued: Prescription, pharmacist: Staff, now: datetime) -> int:
    by = Actor("staff", pharmacist.uid)
    dispensing.dispense(issued, pharmacist, pharmacist.centre, {"items-0-quantity": "2"}, by=by, now=now)
    return 2


def counts(issued: Prescription) -> list[tuple[str, int, int, int]]:
    return [(item.drug, item.quantity, item.dispensed, item.over) for item in reading.items_of(issued)]


def test_what_was_given_is_carried_over_item_by_item_and_what_is_over_is_said(issued, now) -> None:
    give(issued, now, items_0_quantity="12", items_1_quantity="3")
    new = amend(issued, now, **{"items-0-quantity": "10"})
    assert counts(new) == [("Paracetamol", 10, 10, 2), ("Cetirizine", 10, 3, 0)]
    with pytest.raises(Conflict, match="Not so much of Paracetamol"):
        give(new, now, items_0_quantity="1")
    again = amend(issued, now, **{"items-0-quantity": "11"})
    assert counts(again)[0] == ("Paracetamol", 11, 11, 1)


def test_medicines_in_another_order_keep_what_was_given_of_each(issued, now) -> None:
    give(issued, now, items_0_quantity="4", items_1_quantity="6")
    rows = {name: text for name, text in typed().items() if name.startswith("items-")}
    turned = {f"items-{1 - int(name[6])}{name[7:]}": text for name, text in rows.items()}
    new = amend(issued, now, **turned)
    assert counts(new) == [("Cetirizine", 10, 6, 0), ("Paracetamol", 15, 4, 0)]


def test_a_medicine_may_be_stopped(issued, now) -> None:
    give(issued, now, items_1_quantity="6")
    new = amend(issued, now, **NO_CETIRIZINE)
    assert counts(new) == [("Paracetamol", 15, 0, 0)]
    assert [(given.version.version, [line[:2] for line in given.lines]) for given in history.given(new)] == [
        (1, [("Cetirizine", 6)])
    ]


def test_another_strength_is_given_anew_and_what_was_given_is_told(sign_in, issued, now) -> None:
    give(issued, now, items_0_quantity="12")
    new = amend(issued, now, **{"items-0-strength": "325 mg", "items-0-quantity": "10"})
    assert counts(new)[0] == ("Paracetamol", 10, 0, 0)
    sheet = sign_in(make_staff("pharmacist")).get(f"/dispense?code={new.code}").text
    assert "12 × Paracetamol 500 mg tablet were given on an earlier version and are not counted here." in sheet
    again = amend(issued, now, **{"items-0-quantity": "14"})
    assert counts(again)[0] == ("Paracetamol", 14, 12, 0)
    assert amending.given_otherwise(again) == {}


def test_a_medicine_that_was_stopped_by_mistake_comes_back_with_what_was_given(issued, now) -> None:
    give(issued, now, items_1_quantity="6")
    amend(issued, now, **NO_CETIRIZINE)
    assert counts(amend(issued, now))[1] == ("Cetirizine", 10, 6, 0)


def test_a_misspelt_name_is_put_right_and_what_was_given_counts(db, now) -> None:
    issued = make_prescription(now, **{"items-0-drug": "Paracetmol", "items-0-reason": "fever"})
    give(issued, now, items_0_quantity="4")
    new = amend(issued, now)
    assert counts(new)[0] == ("Paracetamol", 15, 4, 0)


def test_the_old_paper_gives_nothing_any_more(issued, now) -> None:
    new = amend(issued, now)
    with pytest.raises(Conflict, match=new.number):
        give(issued, now, items_0_quantity="1")
    give(new, now, items_0_quantity="1")


def test_giving_while_it_is_corrected_is_carried_over_or_refused(app: Flask, issued, now) -> None:
    begin(issued, now)
    write(issued, now, **{"items-0-quantity": "10"})
    pharmacists = [make_staff("pharmacist") for _ in range(6)]

    def correct() -> int:
        issue(issued, now)
        return 0

    acts = [partial(hand_out_two, issued, one, now) for one in pharmacists]
    outcomes = done(at_once(app, [*acts, correct]))
    new = reading.newest_of(issued.visit.uid)
    assert new.version == 2
    assert counts(new)[0] == ("Paracetamol", 10, min(sum(outcomes), 10), max(0, sum(outcomes) - 10))


def test_cancelling_while_two_centres_give_stops_both_from_then_on(app: Flask, issued, now) -> None:
    pharmacists = [make_staff("pharmacist", centre=make_centre(f"0{number % 2 + 1}")) for number in range(6)]

    def stop() -> int:
        cancel(issued, issued.doctor, now)
        return 0

    acts = [partial(hand_out_two, issued, one, now) for one in pharmacists]
    given = done(at_once(app, [*acts, stop]))
    assert Prescription.get().cancelled_at == now
    assert PrescribedItem.get(PrescribedItem.position == 0).dispensed == sum(given)
    with pytest.raises(Conflict):
        one = pharmacists[0]
        by = Actor("staff", one.uid)
        dispensing.dispense(issued, one, one.centre, {"items-0-quantity": "1"}, by=by, now=now)

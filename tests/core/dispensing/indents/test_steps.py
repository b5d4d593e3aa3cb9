"""Indents: indented, ready, collected or lapsed; what is ordered is promised and given nowhere else."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.dispensing.indents import lists
from portal.core.dispensing.models import DispensedItem, Indent
from portal.core.prescriptions.models import PrescribedItem
from portal.settings import clinic
from portal.work.audit import AuditRow
from tests.at_once import at_once, meanwhile
from tests.consulting import make_prescription
from tests.core.dispensing.counter import Counter, dispensed, state_of

pytestmark = pytest.mark.usefixtures("usual_medicines")


def test_an_indent_goes_from_ordered_to_ready_to_collected(issued, counter) -> None:
    order = counter.order(issued, items__0__quantity="15")
    assert (order.number, state_of(order), dispensed()) == ("IN-2611-000001", "indented", [0, 0])
    assert order.until == (counter.now + timedelta(days=15)).date()
    counter.make_ready(order)
    assert state_of(order) == "ready"
    handed = counter.collect(issued, order)
    assert (state_of(order), dispensed()) == ("collected", [15, 0])
    assert [(row.item.drug, row.quantity) for row in handed.items] == [("Paracetamol", 15)]
    assert Indent.get().dispensing == handed
    actions = [
        row.action for row in AuditRow.select().order_by(AuditRow.id) if row.action.startswith(("Indent", "MedicineI"))
    ]
    assert actions == ["MedicineIndented", "IndentReady", "IndentEnded"]


def test_what_is_ordered_is_given_nowhere_else(issued, counter, now) -> None:
    counter.order(issued, items__0__quantity="10")
    elsewhere = Counter(now, "02")
    for typed in ({"items__0__quantity": "6"}, {"items__0__quantity": "15"}):
        with pytest.raises(Conflict, match="Not so much of Paracetamol"):
            elsewhere.give(issued, **typed)
        with pytest.raises(Conflict, match="Not so much of Paracetamol"):
            elsewhere.order(issued, **typed)
    elsewhere.give(issued, items__0__quantity="5")
    assert dispensed() == [5, 0]


def test_medicines_and_what_the_chemist_brought_are_given_together(issued, counter) -> None:
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    counter.give(issued, **{"items__0__quantity": "5", f"indent__{order.uid}": "yes", "items__1__quantity": "10"})
    assert (state_of(order), dispensed()) == ("collected", [15, 10])
    assert DispensedItem.select().count() == 3


def test_an_indent_that_has_not_come_cannot_be_collected(issued, counter) -> None:
    order = counter.order(issued, items__0__quantity="10")
    with pytest.raises(Conflict, match="cannot be collected now"):
        counter.collect(issued, order)
    assert (state_of(order), dispensed()) == ("indented", [0, 0])


def test_it_is_collected_once_at_its_own_centre_on_its_own_prescription(issued, counter, now) -> None:
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    with pytest.raises(Conflict):
        Counter(now, "02").collect(issued, order)
    with pytest.raises(Conflict):
        counter.collect(make_prescription(now), order)
    counter.collect(issued, order)
    with pytest.raises(Conflict):
        counter.collect(issued, order)
    assert dispensed()[:2] == [10, 0]


def test_it_can_be_collected_until_its_last_day_although_the_prescription_has_expired(issued, counter) -> None:
    counter.now += timedelta(days=14)
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    counter.now += timedelta(days=15)
    counter.collect(issued, order)
    assert dispensed() == [10, 0]


def test_after_its_last_day_it_cannot_be_collected_nor_made_ready(issued, counter) -> None:
    first, second = (counter.order(issued, items__0__quantity="5") for _ in range(2))
    counter.make_ready(first)
    counter.now += timedelta(days=16)
    with pytest.raises(Conflict, match="could be collected until"):
        counter.collect(issued, first)
    with pytest.raises(Conflict, match="changed meanwhile"):
        counter.make_ready(second)


def test_the_days_are_a_setting(issued, counter) -> None:
    clinic.put("indent_days", "3")
    assert counter.order(issued, items__0__quantity="5").until == (counter.now + timedelta(days=3)).date()


def test_an_indent_can_be_withdrawn_with_a_reason(issued, counter) -> None:
    order = counter.order(issued, items__0__quantity="15")
    with pytest.raises(Invalid):
        counter.withdraw(order, " ")
    counter.withdraw(order)
    assert (state_of(order), Indent.get().reason) == ("withdrawn", "The chemist has none")
    with pytest.raises(Conflict):
        counter.withdraw(order)
    counter.give(issued, items__0__quantity="15")


def test_another_centre_finds_no_indent_of_ours(issued, counter, now) -> None:
    order, elsewhere = counter.order(issued, items__0__quantity="15"), Counter(now, "02")
    for act in (elsewhere.make_ready, elsewhere.withdraw):
        with pytest.raises(NotFound):
            act(order)
    assert lists.open_at(elsewhere.pharmacist.centre) == []
    assert lists.open_at(counter.pharmacist.centre) == [order]


def test_no_more_is_ordered_than_may_be_given_now(db, counter, now) -> None:
    issued = make_prescription(now, **{"items-0-duration_days": "60", "items-0-quantity": "180"})
    with pytest.raises(Conflict, match="At most 90 of Paracetamol"):
        counter.order(issued, items__0__quantity="91")
    counter.order(issued, items__0__quantity="90")
    with pytest.raises(Conflict, match="More of Paracetamol may be given from"):
        counter.give(issued, items__0__quantity="1")


@pytest.mark.parametrize("quantity", ["", "0", "x", "-1", "1.5"])
def test_an_order_needs_a_quantity(issued, counter, quantity: str) -> None:
    with pytest.raises(Invalid):
        counter.order(issued, items__0__quantity=quantity)
    assert Indent.select().count() == 0


def test_what_was_collected_and_reversed_waits_on_the_shelf_again(issued, counter) -> None:
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    counter.collect(issued, order)
    counter.reverse(issued)
    assert (state_of(order), dispensed(), Indent.get().dispensing) == ("ready", [0, 0], None)
    with pytest.raises(Conflict):
        counter.give(issued, items__0__quantity="6")
    counter.collect(issued, order)
    assert (state_of(order), dispensed()) == ("collected", [10, 0])


def test_centres_that_give_order_and_collect_at_once_never_exceed_what_was_prescribed(app: Flask, issued, now) -> None:
    counters = [Counter(now, f"0{number % 2 + 1}") for number in range(16)]

    def act(counter: Counter, orders: bool) -> None:
        if orders:
            order = counter.order(issued, items__0__quantity="3")
            counter.make_ready(order)
            counter.collect(issued, order)
        else:
            counter.give(issued, items__0__quantity="2")

    at_once(app, [partial(act, counter, orders=not number % 3) for number, counter in enumerate(counters)])
    given, handed = PrescribedItem.get(PrescribedItem.position == 0).dispensed, DispensedItem.select()
    assert 14 <= given <= 15
    assert sum(row.quantity for row in handed) == given
    assert {row.state for row in Indent.select()} <= {"collected"}


def test_an_indent_that_is_withdrawn_while_it_is_collected_is_not_given(issued, counter, monkeypatch) -> None:
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    withdrawn = Indent.update(state="withdrawn").where(Indent.id == order.id)
    meanwhile(monkeypatch, 'UPDATE "indent" SET "state"', withdrawn.execute)
    with pytest.raises(Conflict, match="cannot be collected now"):
        counter.collect(issued, order)
    assert dispensed() == [0, 0]

"""The end of an indent without anybody's doing: nobody comes, or the prescription is corrected or cancelled."""

from datetime import timedelta

import pytest

from portal.core.dispensing.indents.ends import lapse_indents
from portal.core.dispensing.models import Indent
from portal.core.prescriptions import cancelling, reading
from tests.consulting import typed
from tests.core.dispensing.counter import dispensed, state_of
from tests.core.prescriptions.test_amending import NO_CETIRIZINE, amend, author

pytestmark = pytest.mark.usefixtures("usual_medicines")


def test_an_indent_lapses_after_fifteen_days_and_frees_its_quantity(issued, counter, now) -> None:
    come, ordered = counter.order(issued, items__0__quantity="5"), counter.order(issued, items__0__quantity="10")
    counter.make_ready(come)
    lapse_indents(now + timedelta(days=15))
    assert (state_of(come), state_of(ordered)) == ("ready", "indented")
    lapse_indents(now + timedelta(days=16))
    assert (state_of(come), state_of(ordered)) == ("lapsed", "lapsed")
    counter.give(issued, items__0__quantity="15")


def test_what_was_collected_does_not_lapse(issued, counter, now) -> None:
    order = counter.order(issued, items__0__quantity="5")
    counter.make_ready(order)
    counter.collect(issued, order)
    lapse_indents(now + timedelta(days=16))
    assert state_of(order) == "collected"


def test_a_cancelled_prescription_ends_its_indents(issued, counter, queue, now) -> None:
    order = counter.order(issued, items__0__quantity="5")
    counter.make_ready(order)
    cancelling.cancel(issued, issued.doctor, "Wrong patient", by=author(issued), now=now)
    queue.drain()
    assert state_of(order) == "overtaken"


def test_a_correction_takes_the_indents_along_to_the_same_medicine(issued, counter, now) -> None:
    order = counter.order(issued, items__0__quantity="10")
    rows = {name: text for name, text in typed().items() if name.startswith("items-")}
    turned = {f"items-{1 - int(name[6])}{name[7:]}": text for name, text in rows.items()}
    new = amend(issued, now, **turned)
    row = Indent.get()
    assert (row.prescription, row.item.drug, row.state) == (new, "Paracetamol", "indented")
    counter.make_ready(order)
    counter.collect(new, order)
    assert [item.dispensed for item in reading.items_of(new)] == [0, 10]


def test_a_correction_to_less_than_was_ordered_ends_the_indent(issued, counter, now) -> None:
    counter.give(issued, items__0__quantity="4")
    first, second = counter.order(issued, items__0__quantity="6"), counter.order(issued, items__0__quantity="5")
    new = amend(issued, now, **{"items-0-quantity": "10"})
    assert (state_of(first), state_of(second)) == ("indented", "overtaken")
    assert [item.dispensed for item in reading.items_of(new)] == [4, 0]


def test_a_medicine_that_is_stopped_ends_its_indent(issued, counter, now) -> None:
    order = counter.order(issued, items__1__quantity="10")
    amend(issued, now, **NO_CETIRIZINE)
    assert state_of(order) == "overtaken"


def test_what_was_reversed_on_a_version_that_is_replaced_cannot_be_collected(issued, counter, now) -> None:
    order = counter.order(issued, items__0__quantity="10")
    counter.make_ready(order)
    handed = counter.collect(issued, order)
    new = amend(issued, now)
    counter.reverse(new, handed)
    assert (state_of(order), dispensed()) == ("overtaken", [0, 0, 0, 0])

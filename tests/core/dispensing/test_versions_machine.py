"""Issue, correct, give, order, reverse and cancel in any order: one version holds, never too much is given."""

from collections import Counter
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal.base.errors import Conflict, Invalid
from portal.core.consults import editions
from portal.core.consults.models import Consult
from portal.core.dispensing.models import OPEN, DispensedItem, Dispensing, Indent
from portal.core.prescriptions import cancelling, reading
from portal.core.prescriptions.models import Prescription
from tests.consulting import make_prescription
from tests.core.dispensing import counter
from tests.core.prescriptions.test_amending import NO_CETIRIZINE, author, begin, issue, write

AMOUNTS = st.integers(1, 12)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # the clock of the tests
DRUGS = ("Paracetamol", "Cetirizine")


@dataclass
class Order:
    """An indent: of what, how much, on which version, and its state."""

    row: Indent
    drug: str
    amount: int
    version: int
    state: str = "indented"


@dataclass
class Handed:
    """A dispensing that still counts; `order`: what it collected."""

    row: Dispensing
    drug: str
    amount: int
    order: Order | None = None


class Versions(RuleBasedStateMachine):
    """Model of one prescription on the database of the test: what is allowed, what was given, what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.first = make_prescription(NOW)
        self.counter = counter.Counter(NOW)
        self.allowed = Counter({"Paracetamol": 15, "Cetirizine": 10})
        self.most = Counter(self.allowed)  # that any version had
        self.given: Counter[str] = Counter()
        self.handed: list[Handed] = []
        self.orders: list[Order] = []
        self.is_cancelled = False
        self.seen: dict[int, str] = {}

    @property
    def versions(self) -> list[Prescription]:
        return reading.versions_of(self.first.visit)

    @property
    def holds(self) -> bool:
        return not self.is_cancelled

    def promised(self, drug: str) -> int:
        return sum(order.amount for order in self.orders if order.drug == drug and order.state in OPEN)

    def room(self, drug: str) -> int:
        """How much may still be given or ordered."""
        return max(0, self.allowed[drug] - self.given[drug] - self.promised(drug))

    def place_of(self, issued: Prescription, drug: str) -> int | None:
        return next((row.position for row in reading.items_of(issued) if row.drug == drug), None)

    @rule(drug=st.sampled_from(DRUGS), amount=AMOUNTS, back=st.integers(0, 2), orders=st.booleans())
    def give_or_order(self, drug: str, amount: int, back: int, orders: bool) -> None:
        """Give or order on the newest version, or by an older paper."""
        issued = self.versions[min(back, len(self.versions) - 1)]
        place = self.place_of(issued, drug)
        if place is None:
            return
        form = {f"items__{place}__quantity": str(amount)}
        may = self.holds and issued.replaced_at is None and amount <= self.room(drug)
        with nullcontext() if may else pytest.raises(Conflict):
            if orders:
                row = self.counter.order(issued, **form)
                self.orders.append(Order(row, drug, amount, issued.version))
            else:
                self.handed.append(Handed(self.counter.give(issued, **form), drug, amount))
                self.given[drug] += amount

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 20), what=st.sampled_from(["ready", "collect", "withdraw"]))
    def step(self, which: int, what: str) -> None:
        """Take a step of an indent."""
        order = self.orders[which % len(self.orders)]
        if what == "collect":
            may = order.state == "ready" and self.holds
        else:
            may = order.state == "indented" or (what == "withdraw" and order.state == "ready")
        with nullcontext() if may else pytest.raises(Conflict):
            self.take_step(order, what)

    def take_step(self, order: Order, what: str) -> None:
        if what == "ready":
            self.counter.make_ready(order.row)
            order.state = "ready"
        elif what == "withdraw":
            self.counter.withdraw(order.row)
            order.state = "withdrawn"
        else:
            handed = self.counter.collect(self.versions[0], order.row)
            order.state = "collected"
            self.handed.append(Handed(handed, order.drug, order.amount, order))
            self.given[order.drug] += order.amount

    @precondition(lambda self: self.handed)
    @rule(which=st.integers(0, 20))
    def reverse(self, which: int) -> None:
        """Reverse a dispensing, whatever became of its version."""
        handed = self.handed.pop(which % len(self.handed))
        self.counter.reverse(self.versions[0], handed.row)
        self.given[handed.drug] -= handed.amount
        if handed.order:
            stands = self.holds and handed.order.version == self.versions[0].version
            handed.order.state = "ready" if stands else "overtaken"

    @rule(one=AMOUNTS, other=st.none() | AMOUNTS, keeps=st.booleans())
    def correct(self, one: int, other: int | None, keeps: bool) -> None:
        """Begin a correction; issue it with other quantities, or keep the issued one."""
        if self.is_cancelled:
            with pytest.raises(Conflict):
                begin(self.first, NOW)
            return
        begin(self.first, NOW)
        stopped = NO_CETIRIZINE if other is None else {"items-1-quantity": str(other)}
        write(self.first, NOW, **{"items-0-quantity": str(one)} | stopped)
        wanted = Counter({"Paracetamol": one, "Cetirizine": other or 0})
        raises = any(self.given[drug] and wanted[drug] > self.most[drug] for drug in DRUGS)
        if raises and not keeps:
            with pytest.raises(Invalid):
                issue(self.first, NOW)
        if raises or keeps:
            editions.give_up(self.first.visit, by=author(self.first), now=NOW)
            return
        issue(self.first, NOW)
        self.allowed, self.most = +wanted, self.most | wanted
        self.take_orders_along()

    def take_orders_along(self) -> None:
        """Move the open orders to the new version, as far as it has room for them."""
        room = {drug: max(0, self.allowed[drug] - self.given[drug]) for drug in DRUGS}
        for order in self.orders:
            if order.state in OPEN and order.amount <= room[order.drug]:
                room[order.drug] -= order.amount
                order.version = self.versions[0].version
            elif order.state in OPEN:
                order.state = "overtaken"

    @rule()
    def cancel(self) -> None:
        with suppress(Conflict):
            by = author(self.first)
            cancelling.cancel(self.versions[0], self.first.doctor, "Wrong patient", by=by, now=NOW)
        self.is_cancelled = True

    @invariant()
    def one_version_holds(self) -> None:
        rows = self.versions
        assert [row.replaced_at is None for row in rows] == [True] + [False] * (len(rows) - 1)
        assert [row.version for row in rows] == list(range(len(rows), 0, -1))
        assert all(row.cancelled_at is None for row in rows[1:])
        assert (rows[0].cancelled_at is not None) == self.is_cancelled

    @invariant()
    def nothing_is_overwritten(self) -> None:
        for row in self.versions:
            notes = Consult.get((Consult.visit == row.visit) & (Consult.edition == row.version))
            kept = repr((row.number, row.code, row.content, row.reason, notes.items, notes.advice, notes.ended_at))
            assert self.seen.setdefault(row.version, kept) == kept

    @invariant()
    def never_too_much_is_given(self) -> None:
        rows = DispensedItem.select().join(Dispensing).join(Prescription)
        noted: Counter[str] = Counter()
        for row in rows.where((Prescription.visit == self.first.visit) & Dispensing.reversed_at.is_null()):
            noted[row.item.drug] += row.quantity
        assert +noted == +self.given
        assert [counter.state_of(order.row) for order in self.orders] == [order.state for order in self.orders]
        for item in reading.items_of(self.versions[0]):
            assert item.quantity == self.allowed[item.drug]
            assert item.dispensed <= item.quantity
            assert item.dispensed == min(self.given[item.drug], item.quantity)  # also of one that was stopped meanwhile
            assert item.dispensed + self.promised(item.drug) <= max(item.quantity, item.dispensed)
            assert item.over == max(0, self.given[item.drug] - item.quantity) or item.carried <= item.quantity


@pytest.mark.usefixtures("usual_medicines")
def test_any_order_of_issuing_correcting_giving_ordering_reversing_and_cancelling(db: None) -> None:
    run_state_machine_as_test(Versions, settings=settings(max_examples=14, stateful_step_count=14, deadline=None))

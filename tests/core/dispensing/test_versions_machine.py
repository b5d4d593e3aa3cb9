"""Issue, correct, give and cancel in any order: one version holds, nothing is overwritten, never too much is given."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal.base.errors import Conflict
from portal.core.consults import editions
from portal.core.consults.models import Consult
from portal.core.dispensing import services as dispensing
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.prescriptions import cancelling, reading
from portal.core.prescriptions.models import Prescription
from portal.work.audit import Actor
from tests.consulting import make_prescription
from tests.core.prescriptions.test_amending import NO_CETIRIZINE, author, begin, issue, write
from tests.factories import make_staff

AMOUNTS = st.integers(1, 12)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # the clock of the tests
DRUGS = ("Paracetamol", "Cetirizine")


class Versions(RuleBasedStateMachine):
    """Model of one prescription on the database of the test: what is allowed, what was given, what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.first = make_prescription(NOW)
        self.pharmacist = make_staff("pharmacist")
        self.allowed = Counter({"Paracetamol": 15, "Cetirizine": 10})
        self.given: Counter[str] = Counter()
        self.is_cancelled = False
        self.seen: dict[int, str] = {}

    @property
    def versions(self) -> list[Prescription]:
        return reading.versions_of(self.first.visit)

    @rule(drug=st.sampled_from(DRUGS), amount=AMOUNTS, back=st.integers(0, 2))
    def give(self, drug: str, amount: int, back: int) -> None:
        """Give on the newest version, or by an older paper."""
        issued = self.versions[min(back, len(self.versions) - 1)]
        place = next((row.position for row in reading.items_of(issued) if row.drug == drug), None)
        if place is None:
            return
        form, by = {f"items-{place}-quantity": str(amount)}, Actor("staff", self.pharmacist.uid)
        holds = issued.replaced_at is None and not self.is_cancelled
        if holds and self.given[drug] + amount <= self.allowed[drug]:
            dispensing.dispense(issued, self.pharmacist, self.pharmacist.centre, form, by=by, now=NOW)
            self.given[drug] += amount
        else:
            with pytest.raises(Conflict):
                dispensing.dispense(issued, self.pharmacist, self.pharmacist.centre, form, by=by, now=NOW)

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
        if keeps:
            editions.give_up(self.first.visit, by=author(self.first), now=NOW)
            return
        issue(self.first, NOW)
        self.allowed = Counter({"Paracetamol": one})
        if stopped is not NO_CETIRIZINE and other:
            self.allowed["Cetirizine"] = other

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
        for row in rows.where(Prescription.visit == self.first.visit):
            noted[row.item.drug] += row.quantity
        assert noted == self.given
        for item in reading.items_of(self.versions[0]):
            assert item.quantity == self.allowed[item.drug]
            assert item.dispensed <= item.quantity
            assert item.dispensed == min(self.given[item.drug], item.quantity)  # also of one that was stopped meanwhile
            assert item.over == max(0, self.given[item.drug] - item.quantity) or item.carried <= item.quantity


@pytest.mark.usefixtures("usual_medicines")
def test_any_order_of_issuing_correcting_giving_and_cancelling(db: None) -> None:
    run_state_machine_as_test(Versions, settings=settings(max_examples=12, stateful_step_count=10, deadline=None))

"""The counter of a pharmacy for tests: a pharmacist gives, orders and reverses by the services."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.core.accounts.models import Staff
from portal.core.dispensing import reversing, services
from portal.core.dispensing.indents import ordering, steps
from portal.core.dispensing.models import Dispensing, Indent
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.work.audit import Actor
from tests.factories import make_centre, make_staff


@dataclass
class Counter:
    """One pharmacist at one centre; fields by keyword, two underscores stand for a hyphen."""

    now: datetime
    centre: str = "01"
    pharmacist: Staff = field(init=False)

    def __post_init__(self) -> None:
        """Employ the pharmacist."""
        self.pharmacist = make_staff("pharmacist", centre=make_centre(self.centre))

    @property
    def by(self) -> Actor:
        """The pharmacist as the audit names them."""
        return Actor("staff", self.pharmacist.uid)

    def give(self, issued: Prescription, **form: str) -> Dispensing:
        """Dispense."""
        return self._dispense(issued, {name.replace("__", "-"): text for name, text in form.items()})

    def order(self, issued: Prescription, **form: str) -> Indent:
        """Order one medicine from the chemist."""
        typed = {name.replace("__", "-"): text for name, text in form.items()}
        found = ordering.indent(issued, self.pharmacist, self.pharmacist.centre, typed, by=self.by, now=self.now)
        assert len(found) == 1
        return found[0]

    def make_ready(self, order: Indent) -> None:
        """Note that the chemist has brought it."""
        steps.make_ready(order.uid, self.pharmacist.centre, by=self.by, now=self.now)

    def withdraw(self, order: Indent, reason: str = "The chemist has none") -> None:
        """Take the order back."""
        steps.withdraw(order.uid, self.pharmacist.centre, reason, by=self.by, now=self.now)

    def collect(self, issued: Prescription, order: Indent) -> Dispensing:
        """Hand over what the chemist has brought, and nothing else."""
        return self._dispense(issued, {f"indent-{order.uid}": "yes"})  # a uid may hold two underscores

    def _dispense(self, issued: Prescription, typed: dict[str, str]) -> Dispensing:
        here = self.pharmacist.centre
        return services.dispense(issued, self.pharmacist, here, typed, by=self.by, now=self.now)

    def reverse(self, issued: Prescription, handed: Dispensing | None = None, reason: str = "Wrong box") -> Dispensing:
        """Reverse a dispensing, or the last one."""
        uid = handed.uid if handed else ""
        here = self.pharmacist.centre
        return reversing.reverse(issued, uid, self.pharmacist, here, reason, by=self.by, now=self.now)


def dispensed() -> list[int]:
    """How much counts as given of each medicine, in every version."""
    return [item.dispensed for item in PrescribedItem.select().order_by(PrescribedItem.id)]


def state_of(order: Indent) -> str:
    """The state of an indent now."""
    return str(Indent.get_by_id(order.id).state)

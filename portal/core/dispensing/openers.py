"""Registry of codes, besides the prescription's own, that open it for a pharmacist: a family's one-time code."""

from datetime import datetime
from typing import Protocol

from portal.core.accounts.models import Staff
from portal.core.prescriptions.models import Prescription
from portal.work.audit import Actor


class Opener(Protocol):
    """Open a prescription by a typed text; None when it is no such code, or not for this pharmacist."""

    def __call__(self, typed: str, pharmacist: Staff, *, by: Actor, now: datetime) -> Prescription | None:
        """Use the code."""


openers: list[Opener] = []


def opens_sheets(opener: Opener) -> Opener:
    """Register what opens prescriptions by codes of its own."""
    openers.append(opener)
    return opener


def opened_by_others(typed: str, pharmacist: Staff, *, by: Actor, now: datetime) -> Prescription | None:
    """Ask each opener in turn."""
    found = (opener(typed, pharmacist, by=by, now=now) for opener in openers)
    return next(filter(None, found), None)

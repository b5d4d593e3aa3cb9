"""The day after a mobile was corrected at a desk: nobody reads prescriptions and records by the new number (S24)."""

from datetime import datetime, timedelta

from portal.base.clock import ist
from portal.base.errors import NotAllowed
from portal.base.language import gettext as _
from portal.core.beneficiaries.models import Beneficiary

HELD = timedelta(hours=24)


def is_held(person: Beneficiary, now: datetime) -> bool:
    """Tell whether this person's mobile was corrected less than a day ago."""
    return person.held_until is not None and person.held_until - HELD <= now < person.held_until


def require_readable(person: Beneficiary, now: datetime) -> None:
    """Raise NotAllowed, with the hour from which it is readable, while this person's mobile is new."""
    if is_held(person, now):
        raise NotAllowed(
            _(
                "This mobile number is new for this person. For safety, prescriptions and records open on it from "
                "%(moment)s. Until then your wellness centre can print the medicines.",
                moment=f"{ist(person.held_until):%d-%m-%Y %H:%M}",
            )
        )

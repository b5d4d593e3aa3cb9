"""The bar on every page of a family that leads to the call: the doctor is calling, or the call goes on."""

from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.base.clock import clinic_day
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, IN_CALL, READY
from portal.store.prepared import Prepared


@dataclass(frozen=True)
class Bar:
    """What the bar says: `called`, `in_call`, or `waiting`, when it says nothing yet and goes on asking."""

    state: str
    visit: Visit

    @property
    def key(self) -> str:
        """Equal keys show the same bar."""
        return f"{self.state}-{self.visit.uid}-{self.visit.attempt}"


@Prepared
def _live(account: object, day: object) -> peewee.Select:
    shown = (Visit.id, Visit.uid, Visit.number, Visit.state, Visit.attempt, Visit.call_deadline)
    return (
        Visit.select(
            *shown, ClinicSession.id, Specialty.prefix, Beneficiary.id, RegisterEntry.name, RegisterEntry.name_hi
        )
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(
            (Beneficiary.account == account) & (ClinicSession.day == day) & Visit.state.in_((*READY, CALLED, IN_CALL))
        )
        .order_by(Visit.id)
    )


def bar_of(account: Account, now: datetime) -> Bar | None:
    """Return the family's bar of today, a ringing call before one that goes on; None with nobody in a queue."""
    visits = _live.all(account, clinic_day(now))
    rings = [visit for visit in visits if visit.state == CALLED and visit.call_deadline > now]
    talks = [visit for visit in visits if visit.state == IN_CALL]
    for state, found in ((CALLED, rings), (IN_CALL, talks), ("waiting", visits)):
        if found:
            return Bar(state, found[0])
    return None


def rings_for(account: Account, now: datetime) -> Visit | None:
    """Return the visit for which the doctor is calling this family at this moment."""
    bar = bar_of(account, now)
    return bar.visit if bar and bar.state == CALLED else None

"""The home page's list of a family's visits, newest first, in two queries."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import peewee

from portal.core.accounts.models import Account
from portal.core.beneficiaries.holds import is_held
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.prescriptions.models import NEWEST, Prescription
from portal.core.visits.models import Visit, state_as_read
from portal.core.visits.states import OPEN
from portal.store.listing import Listed, first_page, page_of
from portal.store.prepared import Prepared

PAST_SHOWN = 30


@dataclass(frozen=True)
class VisitLine:
    """A visit as the home page lists it; without token and specialty it is closed. `is_cancelled`: its prescription."""

    uid: str
    token: str
    person: RegisterEntry
    specialty: Specialty | None
    day: date
    state: str
    prescription: str
    is_live: bool
    is_cancelled: bool


def _family(account: object) -> "peewee.ModelSelect[Visit]":
    shown = (
        Visit.id,
        Visit.uid,
        Visit.number,
        Visit.state,
        state_as_read().alias("state"),
        ClinicSession.day,
        Specialty,
        Beneficiary.id,
        Beneficiary.held_until,
        RegisterEntry.name,
        RegisterEntry.name_hi,
    )
    found: peewee.ModelSelect[Visit] = (
        Visit.select(*shown)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(Beneficiary.account == account)
        .order_by(Visit.id.desc())
    )
    return found


@Prepared
def _newest(account: object) -> peewee.Select:
    return _family(account).limit(PAST_SHOWN + 1)


@Prepared
def _numbers(account: object) -> peewee.Select:
    shown = (Prescription.visit, Prescription.number, Prescription.cancelled_at.is_null(False))
    rows = Prescription.select(*shown).join(Visit).join(Beneficiary).tuples()
    return rows.where((Beneficiary.account == account) & Prescription.stored_at.is_null(False) & NEWEST)


def visits_of(account: Account, now: datetime, number: int = 1, opened: Collection[int] = ()) -> Listed:
    """Return a page of the family's visits, newest first, each with the number of its newest stored prescription.

    `opened`: the people whose private visits a code has opened. Past ones of somebody whose mobile is new are closed.
    """
    numbers = {visit: (number, is_cancelled) for visit, number, is_cancelled in _numbers.all(account)}
    listed = (
        first_page(_newest.all(account), PAST_SHOWN) if number <= 1 else page_of(_family(account), number, PAST_SHOWN)
    )
    lines = [_line(visit, now, opened, *numbers.get(visit.id, ("", False))) for visit in listed.rows]
    return replace(listed, rows=lines)


def _line(visit: Visit, now: datetime, opened: Collection[int], prescription: str, is_cancelled: bool) -> VisitLine:
    session, person = visit.session, visit.beneficiary
    is_unread = is_held(person, now) or (session.specialty.is_private and person.id not in opened)
    is_closed = is_unread and visit.state not in OPEN
    return VisitLine(
        uid=visit.uid,
        token="" if is_closed else visit.token,
        person=visit.beneficiary.entry,
        specialty=None if is_closed else session.specialty,
        day=session.day,
        state=visit.state,
        prescription="" if is_closed else prescription,
        is_live=visit.state in OPEN,
        is_cancelled=bool(is_cancelled),
    )

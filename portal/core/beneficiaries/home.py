"""What a family sees first: its visits, the live one on top. Few, plain queries."""

from dataclasses import dataclass
from datetime import date

import peewee

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.prepared import Prepared
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import ClinicSession, Visit
from portal.core.visits.specialties import Specialty
from portal.core.visits.states import OPEN

PAST_SHOWN = 30


@dataclass(frozen=True)
class VisitLine:
    """One visit as the home page lists it."""

    uid: str
    token: str
    person: RegisterEntry
    specialty: Specialty
    day: date
    state: str
    prescription: str
    is_live: bool


@Prepared
def _visits(account: object) -> peewee.Select:
    shown = (
        Visit.id, Visit.uid, Visit.number, Visit.state, ClinicSession.day, Specialty, Beneficiary.id,
        RegisterEntry.name, RegisterEntry.name_hi,
    )  # fmt: skip
    return (
        Visit.select(*shown)
        .join(ClinicSession).join(Specialty)
        .switch(Visit).join(Beneficiary).join(RegisterEntry)
        .where(Beneficiary.account == account)
        .order_by(Visit.id.desc()).limit(PAST_SHOWN)
    )  # fmt: skip


@Prepared
def _numbers(account: object) -> peewee.Select:
    rows = Prescription.select(Prescription.visit, Prescription.number).join(Visit).join(Beneficiary).tuples()
    return rows.where((Beneficiary.account == account) & Prescription.stored_at.is_null(False))


def visits_of(account: Account) -> list[VisitLine]:
    """The family's visits, newest first, each with its prescription's number when it is ready."""
    numbers = dict(_numbers.all(account))
    return [_line(visit, numbers.get(visit.id, "")) for visit in _visits.all(account)]


def _line(visit: Visit, prescription: str) -> VisitLine:
    session = visit.session
    return VisitLine(
        uid=visit.uid,
        token=visit.token,
        person=visit.beneficiary.entry,
        specialty=session.specialty,
        day=session.day,
        state=visit.state,
        prescription=prescription,
        is_live=visit.state in OPEN,
    )

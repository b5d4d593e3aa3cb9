"""What a family sees first: its visits, the live one on top. Few, plain queries."""

from dataclasses import dataclass
from datetime import date

from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
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


def visits_of(people: list[Beneficiary]) -> list[VisitLine]:
    """The family's visits, newest first, each with its prescription's number when it is ready."""
    rows = list(
        Visit.select(Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry)
        .join(ClinicSession).join(Specialty)
        .switch(Visit).join(Beneficiary).join(RegisterEntry)
        .where(Visit.beneficiary.in_(people))
        .order_by(Visit.id.desc()).limit(PAST_SHOWN)
    )  # fmt: skip
    ready = Prescription.select(Prescription.visit, Prescription.number).where(
        Prescription.visit.in_(rows) & Prescription.stored_at.is_null(False)
    )
    numbers = {row.visit_id: row.number for row in ready}
    return [_line(visit, numbers.get(visit.id, "")) for visit in rows]


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

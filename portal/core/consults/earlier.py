"""Earlier consultations of a person: what a treating doctor sees of them, and the last prescription once more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.base.language import speaking
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.chart import services as chart
from portal.core.chart import sources
from portal.core.chart.facts import PastVisit, may_read
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.consults import editions, services
from portal.core.consults.models import Consult
from portal.core.prescribing.notes import MAX_ROWS, TEXT_LIMITS, Item, Notes
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE
from portal.work import audit
from portal.work.audit import Actor

SHOWN = 20
RENEW, CHANGE, STOP = "renew", "change", "stop"


@dataclass(frozen=True)
class Last:
    """The person's last prescription in this specialty: its medicines, and what they were for."""

    day: date
    items: tuple[Item, ...]
    diagnosis: str = ""
    icd10: str = ""


@sources.tells_past
def past_of(person: Beneficiary, reader: Staff) -> list[PastVisit]:
    """List the person's finished consultations, newest first."""
    rows = _finished().where(Visit.beneficiary == person).order_by(Visit.id.desc()).limit(SHOWN)
    return [_past(consult, reader) for consult in rows]


def open_earlier(doctor: Staff, visit_uid: str, *, by: Actor, now: datetime) -> Consult:
    """Get the notes of an earlier visit of the person this doctor has now, and audit it. Raises NotFound."""
    consult = _finished().where(Visit.uid == visit_uid).first()
    if consult is None or not may_read(consult.visit.session.specialty, consult.doctor, doctor):
        raise NotFound
    chart.visit_with(doctor, consult.visit.beneficiary.uid)
    audit.note("ConsultRead", visit_uid, by=by, now=now)
    return consult  # type: ignore[no-any-return]


def last_of(visit: Visit) -> Last | None:
    """Return the last prescription in the visit's specialty that was not cancelled, if one had medicines."""
    earlier = (Visit.beneficiary == visit.beneficiary) & Visit.issued_at.is_null(False) & Visit.state.not_in(ACTIVE)
    here = ClinicSession.specialty == visit.session.specialty
    rows = Consult.select(Consult, Visit).join(Visit).join(ClinicSession).where(earlier & here & (Visit.id != visit.id))
    rows = rows.where(editions.is_last() & Consult.withdrawn_at.is_null())
    for consult in rows.order_by(Visit.issued_at.desc()).limit(5):
        if (notes := services.as_notes(consult)).items:
            return Last(clinic_day(consult.visit.issued_at), notes.items, notes.diagnosis, notes.icd10)
    return None


def repeated(notes: Notes, last: Last, form: Mapping[str, str], language: str, known: Mapping[str, str]) -> Notes:
    """Add the rows to the notes: each renewed, to be changed (without days and quantity), or stopped in the advice.

    Without a diagnosis, that of last time is filled in. A medicine that stands in the draft already is left alone.
    `known` are the medicines of valid prescriptions: the others get the day of the last prescription as "taken since",
    so that they are judged as the refill they are.
    """
    written = {item.drug.casefold() for item in notes.items}
    chosen = {place: form.get(f"repeat-{place}", RENEW) for place in range(len(last.items))}
    rows = [
        _again(item, chosen[place], last.day, item.drug in known)
        for place, item in enumerate(last.items)
        if chosen[place] != STOP and item.drug.casefold() not in written
    ]
    following = max((item.place for item in notes.items), default=-1) + 1
    added = tuple(replace(row, place=following + number) for number, row in enumerate(rows))
    stopped = [item.drug for place, item in enumerate(last.items) if chosen[place] == STOP]
    advice = _with_stops(notes.advice, stopped, language)
    if not notes.diagnosis:
        notes = replace(notes, diagnosis=last.diagnosis, icd10=notes.icd10 or last.icd10)
    return replace(notes, items=(*notes.items, *added)[:MAX_ROWS], advice=advice)


def _finished() -> "peewee.ModelSelect[Consult]":
    found: peewee.ModelSelect[Consult] = (
        Consult.select(Consult, Visit, ClinicSession, Specialty, Staff)
        .join(Staff)
        .switch(Consult)
        .join(Visit)
        .join(ClinicSession)
        .join(Specialty)
        .where(Visit.state.not_in(ACTIVE) & editions.is_last())
    )
    return found


def _past(consult: Consult, reader: Staff) -> PastVisit:
    session = consult.visit.session
    if not may_read(session.specialty, consult.doctor, reader):
        return PastVisit(consult.visit.uid, session.day)
    return PastVisit(
        uid=consult.visit.uid,
        day=session.day,
        specialty=session.specialty,
        doctor=consult.doctor,
        diagnosis=consult.diagnosis,
        vitals=consult.vitals,
        may_open=True,
    )


def _again(item: Item, choice: str, day: date, is_known: bool) -> Item:
    since = item.taken_since or ("" if is_known else f"{day:%d.%m.%Y}")
    row = replace(item, taken_since=since)
    return replace(row, duration_days=None, quantity=None) if choice == CHANGE else row


def _with_stops(advice: str, stopped: list[str], language: str) -> str:
    """Tell the patient, in his language, what not to take any longer."""
    with speaking(language):
        sentences = [_("Stop taking %(medicine)s.", medicine=drug) for drug in stopped]
    new = [sentence for sentence in sentences if sentence not in advice]
    return "\n".join([*filter(None, [advice]), *new])[: TEXT_LIMITS["advice"]]

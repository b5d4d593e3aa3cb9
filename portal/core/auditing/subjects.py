"""Ids under which the audit log holds something: a person has visits, prescriptions, files and more with their own."""

from collections.abc import Iterable
from typing import Any

import peewee

from portal.base.language import in_language
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession
from portal.core.dispensing.models import Dispensing, Indent
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.rights.models import Case
from portal.core.visits.models import Visit
from portal.work.events import Event

MOST = 5_000  # ids that one query takes; one person has some hundreds
OF_PERSON: tuple[Any, ...] = (Visit, Prescription, Record, ReferralRequest, Case)


def subjects_of(kind: str, key: str) -> list[str]:
    """List the subjects of audit rows about a person, a visit, a prescription or one object. Empty: of nothing."""
    found = {"person": _of_person, "visit": _of_visit, "prescription": _of_prescription}.get(kind)
    return sorted(set(found(key)))[:MOST] if found else [key]


def names_of(subjects: Iterable[str]) -> dict[str, str]:
    """Name those subjects that people know by a name or number: people, visits, prescriptions, referrals, cases."""
    uids = list(subjects)
    visits = Visit.select(Visit, ClinicSession).join(ClinicSession).where(Visit.uid.in_(uids))
    found = {visit.uid: f"{visit.past_token}, {visit.session.day:%d/%m/%Y}" for visit in visits}
    people = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry).where(Beneficiary.uid.in_(uids))
    found |= {person.uid: f"{in_language(person.entry)}, {person.entry.ben_id}" for person in people}
    numbered: tuple[Any, ...] = (Prescription, Referral, Case)
    for table in numbered:
        found |= dict(table.select(table.uid, table.number).where(table.uid.in_(uids)).tuples())
    return found


def _of_person(ben_id: str) -> list[str]:
    """A family's account is one for several people, so what is only about the account is left out."""
    entry = RegisterEntry.get_or_none(RegisterEntry.ben_id == ben_id)
    if entry is None:
        return []
    found = _uids(Referral, Referral.entry == entry)
    person = Beneficiary.get_or_none(Beneficiary.entry == entry)
    if person is None:
        return found
    for table in OF_PERSON:
        found += _uids(table, table.beneficiary == person)
    papers = Prescription.select(Prescription.id).where(Prescription.beneficiary == person)
    return [person.uid, *found, *_of_papers(papers), *_messages([person.uid, *found])]


def _of_visit(uid: str) -> list[str]:
    visit = Visit.get_or_none(Visit.uid == uid)
    if visit is None:
        return []
    found = [uid, *_uids(Prescription, Prescription.visit == visit), *_uids(Record, Record.visit == visit)]
    papers = Prescription.select(Prescription.id).where(Prescription.visit == visit)
    return [*found, *_of_papers(papers), *_messages(found)]


def _of_prescription(uid: str) -> list[str]:
    return [uid, *_of_papers(Prescription.select(Prescription.id).where(Prescription.uid == uid)), *_messages([uid])]


def _of_papers(papers: "peewee.ModelSelect[Prescription]") -> list[str]:
    """Return what the pharmacies did by these prescriptions."""
    return [uid for table in (Dispensing, Indent) for uid in _uids(table, table.prescription.in_(papers))]


def _messages(subjects: Iterable[str]) -> list[str]:
    """Return the texts that these caused: the desk sees a number by one."""
    causes = _uids(Event, Event.subject.in_([*subjects]))
    return _uids(Message, Message.cause.in_(causes)) if causes else []


def _uids(table: Any, where: peewee.Expression) -> list[str]:
    return [uid for (uid,) in table.select(table.uid).where(where).limit(MOST).tuples()]

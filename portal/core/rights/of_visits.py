"""What a copy of everything tells of a person's visits, and the files that belong to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee

from portal.base.errors import NotFound
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.models import CallEvent, CallRoom
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.consults.models import Consult
from portal.core.dispensing.history import letters_of
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.family.models import Share
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.records import files as stored
from portal.core.records.kinds import download_name
from portal.core.records.models import Record
from portal.core.referrals.models import Referral
from portal.core.rights.picking import PackedFile, Told, is_left_out, picked
from portal.core.visits.models import Feedback, Transition, Visit
from portal.work.audit import SYSTEM

NOTES = (
    *("edition", "mode", "kind", "complaints", "history", "findings", "vitals", "diagnosis", "icd10", "investigations"),
    *(
        "advice",
        "plain",
        "present",
        "guardian",
        "follow_up_on",
        "seen_in_person_on",
        "last_period_on",
        "started_at",
        "ended_at",
    ),
)
PAPER = (
    *("number", "code", "version", "issued_at", "valid_until", "reason", "cancelled_at", "cancel_reason"),
    *("replaced_at", "content"),
)


def told_of(person: Beneficiary, *, is_opened: bool, now: datetime) -> tuple[Told, list[PackedFile]]:
    """Tell the visits and uploads of a person, and list the files that go with them, not read yet."""
    files: list[PackedFile] = []
    visits = _visits(person, files, is_opened=is_opened, now=now)
    loose = [row for row in _loose(person) if not is_left_out(_specialty_of(row), is_opened=is_opened)]
    return {"visits": visits, "records_without_a_visit": [_record(row, files) for row in loose]}, files


def _visits(person: Beneficiary, files: list[PackedFile], *, is_opened: bool, now: datetime) -> list[Told]:
    """Tell every visit, the oldest first; of one to a private specialty only its day unless `is_opened`."""
    found = (
        Visit.select(Visit, ClinicSession, Specialty, Staff)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=Visit.doctor)
        .where(Visit.beneficiary == person)
        .order_by(ClinicSession.day, Visit.id)
    )
    return [
        {"day": visit.session.day, "state": visit.state, "left_out": True}
        if is_left_out(visit.session.specialty, is_opened=is_opened)
        else _visit(visit, files, now)
        for visit in found
    ]


def _loose(person: Beneficiary) -> Iterable[Record]:
    """Find uploads that came with no visit: with a request for a referral or a referral, or when there was no other."""
    referrals = Referral.select(Referral.id).where(Referral.entry == person.entry)
    mine = (Record.beneficiary == person) | Record.referral.in_(referrals)
    rows: Iterable[Record] = Record.select().where(mine & Record.visit.is_null()).order_by(Record.id)
    return rows


def _specialty_of(row: Record) -> Specialty | None:
    source = row.request or row.referral
    return source.specialty if source else None


def _visit(visit: Visit, files: list[PackedFile], now: datetime) -> Told:
    return {
        **picked(visit, "token", "state", "complaint", "requested_at", "exemption", "priority_reason"),
        "day": visit.session.day,
        "specialty": visit.session.specialty.name,
        "doctor": visit.doctor.name if visit.doctor else "",
        "referral": visit.referral.number if visit.referral else "",
        "history": [
            {"at": each.at, "state": each.to_state, "outcome": each.outcome}
            for each in Transition.select().where(Transition.visit == visit).order_by(Transition.id)
        ],
        "calls": [_call(room) for room in CallRoom.select().where(CallRoom.visit == visit).order_by(CallRoom.id)],
        "notes": [picked(row, *NOTES) for row in _of(Consult, visit).where(Consult.ended_at.is_null(False))],
        "prescriptions": [_prescription(row, files, now) for row in _of(Prescription, visit)],
        "records": [_record(row, files) for row in _of(Record, visit) if row.is_familys],
        "feedback": [picked(row, "rating", "text", "at") for row in _of(Feedback, visit)],
        "shown_to_others": [_share(row) for row in _of(Share, visit)],
    }


def _of(table: Any, visit: Visit) -> Any:
    return table.select().where(table.visit == visit).order_by(table.id)


def _call(room: CallRoom) -> Told:
    events = CallEvent.select().where(CallEvent.room == room).order_by(CallEvent.id)
    told = [picked(each, "at", "kind", "role", "word") for each in events]
    return picked(room, "opened_at", "closed_at") | {"events": told}


def _prescription(issued: Prescription, files: list[PackedFile], now: datetime) -> Told:
    told = picked(issued, *PAPER) | {"doctor": issued.doctor.name, "dispensed": _dispensed(issued), "file": ""}
    if issued.stored_at:
        name = f"prescriptions/{issued.number}.pdf"
        files.append(PackedFile(name, lambda: reading.served(issued, by=SYSTEM, now=now), told))
    return told


def _dispensed(issued: Prescription) -> list[Told]:
    rows = Dispensing.select().where(Dispensing.prescription == issued).order_by(Dispensing.id)
    return [
        picked(row, "at", "collected_by", "reversed_at", "reverse_reason")
        | {"centre": row.centre.name, "medicines": _medicines(row), "permissions": _permissions(row)}
        for row in rows
    ]


def _permissions(row: Dispensing) -> list[Told]:
    """The letters by which more than a part was given."""
    return [picked(letter, "signed_by", "number", "dated", "reason") for letter in letters_of(row)]


def _medicines(row: Dispensing) -> list[Told]:
    given = DispensedItem.select(DispensedItem, PrescribedItem).join(PrescribedItem)
    found = given.where(DispensedItem.dispensing == row)
    return [picked(one, "quantity", "brand", "beyond") | {"drug": one.item.drug} for one in found]


def _record(row: Record, files: list[PackedFile]) -> Told:
    told = picked(row, "title", "state", "refusal", "remarks", "size", "uploaded_at") | {"file": ""}
    if row.given_by is not None:
        told["given_by"] = row.given_by.name
    name = f"records/{row.id}-{download_name(row.title, row.kind).replace('/', '-')}"
    files.append(PackedFile(name, lambda: _content(row), told))
    return told


def _content(row: Record) -> bytes:
    """Read the file as the row is now: it may be cleaned, or removed, since. Raises NotFound when it is damaged too."""
    newest = Record.get_or_none(Record.id == row.id)
    content = stored.intact(newest.stored_name, newest.sha256) if newest else None
    if content is None:
        raise NotFound
    return content


def _share(row: Share) -> Told:
    whom = row.centre.name if row.centre else row.name
    return {"to": whom} | picked(row, "created_at", "expires_at", "opened_at", "withdrawn_at")

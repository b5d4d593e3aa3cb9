"""Who saw a family's records, from the audit log in the family's words, newest first.

All that one reader saw of one person in one sitting is one line, however many pages were loaded.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.core.family.models import Share
from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from portal.store.listing import Listed, page_of
from portal.work.audit import AuditRow

OPENED = ("PrescriptionOpened", "ShareOpened")
BY_STAFF = (
    "ChartRead",
    "ConsultRead",
    "PrescriptionRead",
    "RecordRead",
    "PermissionRead",
    "RecordOpened",
    "NumberShown",
    "CallHelped",
    "HandoverLaunched",
    *OPENED,
)
BY_OTHERS = ("ShareOpened", "DataCopyFetched", "VisitExported", "DocumentSent")
SITTING = timedelta(minutes=30)  # between two readings of one line
ROWS = 200  # of the audit log on a page
FAMILY, OPERATOR, SHARED, SENT = "family", "operator", "shared", "sent"


@dataclass(frozen=True)
class Reading:
    """One sitting: who saw what of whom, from when to when.

    `role`: of the staff, or family, operator, shared (by a one-time code), sent (to health records elsewhere). `staff`
    is None for whom the family is not told by name; `name`: whom the family gave the code. `seen`: each kind of thing,
    and how many of it.
    """

    since: datetime
    until: datetime
    person: RegisterEntry
    role: str
    staff: Staff | None
    name: str
    seen: dict[str, int]


def readings_of(account: Account, number: int = 1) -> Listed:
    """Return a page of the sittings. What the family itself reads is left out, but for copies of everything."""
    people = _people(account)
    owner = _owners(people)
    action = AuditRow.action.concat("")  # else SQLite goes through everybody's rows of these actions
    by_staff = (AuditRow.actor_kind == "staff") & action.in_(BY_STAFF)
    by_others = (AuditRow.actor_kind != "staff") & action.in_(BY_OTHERS)
    mine = (by_staff | by_others) & AuditRow.subject.in_(list(owner))
    listed = page_of(AuditRow.select().where(mine).order_by(AuditRow.id.desc()), number, ROWS)
    staff = {row.uid: row for row in _staff({row.actor_uid for row in listed.rows})}
    shares = Share.select(Share.uid, Share.name).where(Share.uid.in_([*map(_share, listed.rows)]))
    names = {share.uid: share.name for share in shares}
    lines = [
        _reading(
            rows, people[owner[rows[0].subject]].entry, staff.get(rows[0].actor_uid), names.get(_share(rows[0]), "")
        )
        for rows in _sittings(listed.rows, owner)
    ]
    return Listed(lines, listed.number, listed.more)


def _sittings(rows: Iterable[AuditRow], owner: dict[str, int]) -> list[list[AuditRow]]:
    """Group rows, the newest first, by reader and person; the sittings come in the order of their newest row."""
    found: list[list[AuditRow]] = []
    latest: dict[tuple[object, ...], list[AuditRow]] = {}
    for row in rows:
        by = (row.actor_kind, row.actor_uid or _share(row), row.action == "DocumentSent", owner[row.subject])
        sitting = latest.get(by)
        if sitting is None or sitting[-1].at - row.at > SITTING:
            found.append(sitting := [])
            latest[by] = sitting
        sitting.append(row)
    return found


def _reading(rows: list[AuditRow], person: RegisterEntry, staff: Staff | None, name: str) -> Reading:
    subjects: dict[str, set[str]] = {}
    for row in reversed(rows):
        subjects.setdefault(row.action, set()).add(row.subject)
    if OPENED[0] in subjects:  # the sheet that the code has opened
        subjects.pop(OPENED[1], None)
    is_named = staff is not None and (staff.specialty is None or not staff.specialty.is_private)
    return Reading(
        since=rows[-1].at,
        until=rows[0].at,
        person=person,
        role=_role(rows, staff),
        staff=staff if is_named else None,
        name=name,
        seen={action: len(uids) for action, uids in subjects.items()},
    )


def _role(rows: list[AuditRow], staff: Staff | None) -> str:
    if any(row.action == "ShareOpened" for row in rows):
        return SHARED
    if rows[0].action == "DocumentSent":
        return SENT
    if rows[0].actor_kind == "staff":
        return staff.role if staff else ""
    return FAMILY if rows[0].actor_kind == "account" else OPERATOR


def _share(row: AuditRow) -> str:
    return str(json.loads(row.details).get("share", ""))


def _people(account: Account) -> dict[int, Beneficiary]:
    rows = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry).where(Beneficiary.account == account)
    return {row.id: row for row in rows}


def _owners(people: dict[int, Beneficiary]) -> dict[str, int]:
    """Map all that the audit log calls something of these people to the person."""
    owners = {person.uid: number for number, person in people.items()}
    tables: tuple[Any, ...] = (Visit, Prescription, Record)
    for table in tables:
        rows = table.select(table.uid, table.beneficiary).where(table.beneficiary.in_(list(people)))
        owners |= {row.uid: row.beneficiary_id for row in rows}
    return owners


def _staff(uids: set[str]) -> Iterable[Staff]:
    rows = Staff.select(Staff, Specialty, Centre).join(Specialty, peewee.JOIN.LEFT_OUTER).switch(Staff)
    found: Iterable[Staff] = rows.join(Centre, peewee.JOIN.LEFT_OUTER).where(Staff.uid.in_(uids))
    return found

"""Taking health records in, cleaning them, handing them out."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

import structlog

from portal.core import audit, jobs, settings
from portal.core.accounts.models import Account, Staff
from portal.core.audit import SYSTEM, Actor
from portal.core.beneficiaries.models import Beneficiary
from portal.core.db import claim, write
from portal.core.errors import Conflict, Invalid, NotFound, TooBig, Unavailable, WrongKind
from portal.core.events import record
from portal.core.language import gettext as _
from portal.core.records import files
from portal.core.records.models import Record
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, OPEN

LEASE = timedelta(seconds=120)
TITLE_LIMIT = 120
log = structlog.get_logger(__name__)
_folder = Path("records")


class Upload(Protocol):
    """What a browser sent: werkzeug's FileStorage fits."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class Checked:
    """An upload that may be taken: its kind and a harmless title."""

    upload: Upload
    kind: str
    title: str


def install(data_dir: Path) -> None:
    """Say where records are kept (the application factory does)."""
    global _folder
    _folder = data_dir / "records"


def check(uploads: Iterable[Upload]) -> list[Checked]:
    """Look at every upload before anything is changed. Raises TooBig, WrongKind, or Invalid on `records`."""
    chosen = [upload for upload in uploads if upload.filename]
    limit = settings.number("records_max_count")
    if len(chosen) > limit:
        raise Invalid({"records": _("At most %(limit)s files at a time.", limit=limit)})
    return [_checked(upload) for upload in chosen]


def attach(visit: Visit, checked: Iterable[Checked], *, by: Actor, now: datetime) -> list[Record]:
    """Keep the checked uploads of a visit; each is cleaned by a job before the doctor sees it."""
    return [_keep(visit.beneficiary, visit, one, by=by, now=now) for one in checked]


def add_to_visit(visit: Visit, uploads: Iterable[Upload], *, by: Actor, now: datetime) -> list[Record]:
    """Add records to a visit that is still open. Raises Conflict afterwards."""
    if visit.state not in OPEN:
        raise Conflict(_("This visit is over; records can no longer be added to it."))
    checked = check(uploads)
    if not checked:
        raise Invalid({"records": _("Choose at least one file.")})
    return attach(visit, checked, by=by, now=now)


def records_of(visit: Visit) -> list[Record]:
    """The records of a visit, in the order they came."""
    return list(Record.select().where(Record.visit == visit).order_by(Record.id))


def open_for_account(account: Account, uid: str) -> Record:
    """A record of a person of this account. Raises NotFound for anybody else's."""
    found = Record.get_or_none(Record.uid == uid)
    if found is None or found.beneficiary.account_id != account.id:
        raise NotFound
    return found


def open_for_doctor(doctor: Staff, uid: str, *, by: Actor, now: datetime) -> Record:
    """A cleaned record of the patient the doctor has now: on record in the audit. Raises NotFound otherwise."""
    found = Record.get_or_none((Record.uid == uid) & (Record.state == "ready"))
    if found is None or not _is_treating(doctor, found.beneficiary):
        raise NotFound
    audit.note("RecordRead", uid, by=by, now=now)
    return found


def remove(account: Account, uid: str, *, by: Actor, now: datetime) -> Visit | None:
    """Delete a record before the doctor has had the visit. Raises Conflict after that."""
    found = open_for_account(account, uid)
    if found.visit and found.visit.state not in {"waiting", "awaiting_recall"}:
        raise Conflict(_("The consultation has begun; this record now belongs to it."))
    with write():
        found.delete_instance()
        record("RecordRemoved", uid, by=by, now=now)
    (_folder / found.stored_name).unlink(missing_ok=True)
    return found.visit


def content(found: Record) -> bytes:
    """The file, if it is still the one that was stored. Raises Unavailable and raises an alarm when it is not."""
    data = files.intact(_folder / found.stored_name, found.sha256)
    if data is None:
        log.error("record_damaged", record=found.uid)
        raise Unavailable(_("This file is not available. Please call the helpline."), retry_after=3600)
    return data


def _checked(upload: Upload) -> Checked:
    name = upload.filename or ""
    limit = settings.number("record_max_mb")
    if _size(upload.stream) > limit * 1024 * 1024:
        raise TooBig(_("The file %(name)s is larger than %(limit)s MB. A photograph of the page is small enough.",
                       name=name[:60], limit=limit))  # fmt: skip
    head = upload.stream.read(16)
    upload.stream.seek(0)
    kind = files.kind_of(head, name)
    if kind is None:
        raise WrongKind(
            _("The file %(name)s is not a PDF, JPEG or PNG. Please send a photograph or a PDF.", name=name[:60])
        )
    return Checked(upload, kind, _title(name))


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, os.SEEK_END)
    size = stream.tell()
    stream.seek(0)
    return size


def _title(name: str) -> str:
    """The file's own name, without folders and unprintable characters."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in base if character.isprintable())[:TITLE_LIMIT] or "record"


def _keep(person: Beneficiary, visit: Visit, one: Checked, *, by: Actor, now: datetime) -> Record:
    stored = files.store(one.upload.stream, _folder)
    with write():
        kept = Record.create(
            beneficiary=person, visit=visit, title=one.title, kind=one.kind, stored_name=stored.name,
            size=stored.size, sha256=stored.sha256, uploaded_at=now,
        )  # fmt: skip
        record("RecordUploaded", kept.uid, by=by, now=now, visit=visit.uid)
        jobs.enqueue(clean_record, kept.id)
    return kept


def _is_treating(doctor: Staff, person: Beneficiary) -> bool:
    mine = (Visit.beneficiary == person) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    return bool(Visit.select().where(mine).exists())


@jobs.job
def clean_record(record_id: int, now: datetime) -> None:
    """Replace an upload by its harmless copy. Until then the doctor does not see it."""
    free = Record.lease_until.is_null() | (Record.lease_until < now)
    mine = (Record.id == record_id) & (Record.state == "checking") & free
    if not claim(Record.update(lease_until=now + LEASE).where(mine)):
        return
    row = Record.get_by_id(record_id)
    try:
        clean = files.cleaned(row.kind, (_folder / row.stored_name).read_bytes())
    except files.Refused as refusal:
        log.warning("record_refused", record=row.uid, reason=str(refusal))
        _finish(row, now, state="refused", refusal=str(refusal))
        return
    stored = files.store(BytesIO(clean), _folder)
    _finish(row, now, state="ready", stored_name=stored.name, size=stored.size, sha256=stored.sha256)
    (_folder / row.stored_name).unlink(missing_ok=True)


def _finish(row: Record, now: datetime, **changes: object) -> None:
    with write():
        Record.update(lease_until=None, **changes).where(Record.id == row.id).execute()
        record("RecordChecked", row.uid, by=SYSTEM, now=now, state=changes["state"])


@jobs.sweep(every=10)
def sweep_unchecked(now: datetime) -> None:
    """Clean what a crash or a lost queue left behind."""
    waiting = (Record.state == "checking") & (Record.lease_until.is_null() | (Record.lease_until < now))
    for row in Record.select(Record.id).where(waiting & (Record.uploaded_at < now - timedelta(seconds=10))).limit(20):
        clean_record(row.id, now)


@jobs.sweep(every=600)
def sweep_orphans(now: datetime) -> None:
    """Delete files without a row that are older than an hour: uploads that a crash cut short."""
    known = {row.stored_name for row in Record.select(Record.stored_name)}
    for path in _folder.glob("*"):
        if path.name not in known and now.timestamp() - path.stat().st_mtime > 3600:
            path.unlink(missing_ok=True)

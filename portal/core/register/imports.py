"""Imports of the register: upload, choice of columns, confirmation, undo. The worker does what takes time."""

from collections.abc import Mapping
from datetime import datetime
from typing import IO

from portal.base.errors import Conflict, Invalid, NotFound, TooBig
from portal.base.language import current
from portal.base.language import gettext as _
from portal.base.plain_text import one_line, shortened
from portal.core.accounts.models import Staff
from portal.core.register import columns, models
from portal.core.register.models import RegisterChange, RegisterImport, RegisterUpload
from portal.store.db import locked, one_at_a_time, write
from portal.work import audit, jobs
from portal.work.audit import Actor

MOST_MEGABYTES = 60
ZIP, AT_ONCE = b"PK\x03\x04", 2**19  # a larger workbook is opened by the worker: its texts are read whole before a row
JOB = "go_on_register_import"


def upload_file(
    name: str, stream: IO[bytes], staff: Staff | None, *, by: Actor, now: datetime, language: str = ""
) -> RegisterImport:
    """Take in a file, and propose its columns; of a large workbook the worker does.

    Raises Invalid on `file`, TooBig, or Unavailable.
    """
    content = stream.read(MOST_MEGABYTES * 2**20 + 1)
    if len(content) > MOST_MEGABYTES * 2**20:
        raise TooBig(
            _("The file is larger than %(limit)s MB. Please split it into several files.", limit=MOST_MEGABYTES)
        )
    if not content:
        raise Invalid({"file": _("Choose a file: CSV, or an Excel workbook (.xlsx).")})
    is_large = content.startswith(ZIP) and len(content) > AT_ONCE
    made = RegisterImport(
        file=shortened(one_line(name) or _("without a name"), columns.LONGEST),
        state=models.OPENING if is_large else models.COLUMNS,
        language=language or current(),
        asked_by=staff,
        asked_at=now,
    )
    if not is_large:
        columns.propose(made, content)
    with write():
        made.save(force_insert=True)
        RegisterUpload.create(batch=made, content=content)
        audit.note("RegisterUploaded", made.uid, by=by, now=now, number=made.id)
        if is_large:
            jobs.enqueue(JOB, made.id)
    return made


def choose_columns(uid: str, form: Mapping[str, str]) -> None:
    """Choose the columns, so that the worker reads the file. Raises Invalid on each wrong field, Conflict."""
    with write():
        batch = _locked(uid)
        if batch.state != models.COLUMNS:
            raise Conflict(_("The columns of this file are chosen already."))
        batch.mapping = columns.checked(form, len(batch.columns))
        batch.day_first = form.get("dates") == "day"
        batch.state, batch.sample = models.READING, []
        _save(batch, RegisterImport.mapping, RegisterImport.day_first, RegisterImport.sample)
        jobs.enqueue(JOB, batch.id)


def confirm_import(uid: str, staff: Staff | None, *, marks_gone: bool, by: Actor, now: datetime) -> None:
    """Order what the preview shows to be written; `marks_gone`: also who is not in the file. Raises Conflict."""
    with write():
        batch = _locked(uid)
        if batch.state != models.READY:
            raise Conflict(_("This import is not waiting for a confirmation. The page shows how it stands."))
        if marks_gone and has_nameless(batch):
            raise Conflict(_("Some lines have no readable Ben ID, so nobody can be marked as no longer in the scheme."))
        _require_free()
        batch.marks_gone, batch.confirmed_by, batch.confirmed_at = marks_gone, staff, now
        kinds = (models.NEW, models.CHANGED, *((models.GONE,) if marks_gone else ()))
        batch.total = sum(batch.counts.get(kind, 0) for kind in kinds)
        _start(batch, models.APPLYING)
        _save(batch, RegisterImport.marks_gone, RegisterImport.confirmed_by, RegisterImport.confirmed_at)
        audit.note("RegisterImportConfirmed", batch.uid, by=by, now=now, number=batch.id, gone=marks_gone)


def undo_import(uid: str, staff: Staff | None, *, by: Actor, now: datetime) -> None:
    """Order an import to be taken back, row by row; who was changed since stays. Raises Conflict."""
    with write():
        batch = _locked(uid)
        if batch.state != models.DONE or not changes_kept(batch):
            raise Conflict(_("This import cannot be undone. The page shows how it stands."))
        _require_free()
        batch.undone_by, batch.undone_at, batch.total = staff, now, batch.done - batch.kept
        _start(batch, models.UNDOING)
        _save(batch, RegisterImport.undone_by, RegisterImport.undone_at)
        audit.note("RegisterImportUndone", batch.uid, by=by, now=now, number=batch.id)


def drop_import(uid: str, *, by: Actor, now: datetime) -> None:
    """Throw a preview away. Raises Conflict for an import that was confirmed."""
    with write():
        batch = _locked(uid)
        if batch.state not in (models.COLUMNS, models.READY, models.FAILED):
            raise Conflict(_("This import cannot be thrown away any more. The page shows how it stands."))
        audit.note("RegisterImportDropped", batch.uid, by=by, now=now, number=batch.id)
        batch.delete_instance()


def retry_import(uid: str, *, by: Actor, now: datetime) -> None:
    """Let the worker try again what has failed too often. Raises Conflict for an import that is under way."""
    with write():
        batch = _locked(uid)
        if not batch.is_working or not batch.problem:
            raise Conflict(_("This import is not stuck. The page shows how it stands."))
        batch.problem, batch.tries, batch.lease_until, batch.next_at = "", 0, None, None
        _save(batch, RegisterImport.problem)
        audit.note("RegisterImportRetried", batch.uid, by=by, now=now, number=batch.id)
        jobs.enqueue(JOB, batch.id)


def has_nameless(batch: RegisterImport) -> bool:
    """Has it refused lines of which nobody knows whose they are? Then who is not in the file is not known either."""
    mine = (RegisterChange.batch == batch) & (RegisterChange.kind == models.REFUSED)
    return RegisterChange.select().where(mine & (RegisterChange.ben_id == "")).exists()


def changes_kept(batch: RegisterImport) -> bool:
    """Are the values from before still kept?"""
    return RegisterChange.select().where(RegisterChange.batch == batch).exists()


def find_import(uid: str) -> RegisterImport:
    """Find an import. Raises NotFound."""
    found: RegisterImport | None = RegisterImport.get_or_none(RegisterImport.uid == uid)
    if found is None:
        raise NotFound
    return found


def _locked(uid: str) -> RegisterImport:
    one_at_a_time("register import")
    found: RegisterImport | None = locked(RegisterImport.select().where(RegisterImport.uid == uid)).first()
    if found is None:
        raise NotFound
    return found


def _require_free() -> None:
    """Raise Conflict while another import is being written or taken back."""
    busy = RegisterImport.state.in_((models.APPLYING, models.UNDOING))
    if RegisterImport.select().where(busy).exists():
        raise Conflict(_("Another import is being written just now. Please wait until it is done."))


def _start(batch: RegisterImport, state: str) -> None:
    batch.state, batch.cursor, batch.compared, batch.done, batch.kept = state, 0, "", 0, 0
    batch.tries, batch.lease_until, batch.next_at = 0, None, None
    jobs.enqueue(JOB, batch.id)


def _save(batch: RegisterImport, *fields: object) -> None:
    common = ("state", "cursor", "compared", "done", "kept", "total", "tries", "lease_until", "next_at")
    batch.save(only=(*(getattr(RegisterImport, name) for name in common), *fields))

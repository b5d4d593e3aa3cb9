"""Imports of lists: an upload is read and compared, and written as a new version once it is confirmed."""

from datetime import datetime, timedelta
from typing import IO

from portal.base.errors import Conflict, Invalid, NotFound, TooBig
from portal.base.language import gettext as _
from portal.base.plain_text import one_line, shortened
from portal.core.accounts.models import Staff
from portal.core.clinic.events import Imported
from portal.core.lists.kinds import Kind, Reading, kind_of
from portal.core.lists.models import ListDraft
from portal.sandbox.spreadsheets import lines_of, read_sheet
from portal.store.csv_file import Line
from portal.store.db import one_at_a_time, write
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import record

MOST_MEGABYTES = 5
MOST_LINES = 20_000  # of which a page is made while somebody waits
LONGEST_FILE, LONGEST_NAME = 100, 120
KEPT_FOR = timedelta(days=7)  # a draft that nobody confirms


def upload_file(kind: Kind, name: str, stream: IO[bytes], staff: Staff, *, by: Actor, now: datetime) -> ListDraft:
    """Take in a file; nothing of the list is changed. Raises Invalid on `file`, TooBig, or Unavailable."""
    content = stream.read(MOST_MEGABYTES * 2**20 + 1)
    if len(content) > MOST_MEGABYTES * 2**20:
        raise TooBig(_("The file is larger than %(limit)s MB.", limit=MOST_MEGABYTES))
    if not content:
        raise Invalid({"file": _("Choose a file: CSV, or an Excel workbook (.xlsx).")})
    lines = list(lines_of(read_sheet(content, rows=MOST_LINES + 1), kind.head()))
    if len(lines) > MOST_LINES:
        raise Invalid({"file": _("The file has more than %(limit)s lines.", limit=MOST_LINES)})
    if not lines:
        raise Invalid({"file": _("The file has a header line and nothing below it.")})
    file = shortened(one_line(name) or _("without a name"), LONGEST_FILE)
    return _keep(kind, lines, file, None, staff, by=by, now=now)


def go_back(kind: Kind, number: int, staff: Staff, *, by: Actor, now: datetime) -> ListDraft:
    """Make a draft of an earlier version: once confirmed, it is a new one. Raises NotFound."""
    lines = [Line(place, row) for place, row in enumerate(kind.rows_of(number), 2)]
    return _keep(kind, lines, _("Version %(number)s", number=number), number, staff, by=by, now=now)


def confirm_draft(uid: str, signed_by: str, staff: Staff, *, by: Actor, now: datetime) -> Kind:
    """Write what the preview shows as the next version. Raises Invalid on `signed`, Conflict, NotFound.

    Conflict: the list was changed since the preview, which is then made anew; or a line is refused that must not be.
    """
    with write():
        one_at_a_time("lists")
        draft = find_draft(uid)
        kind, reading = kind_of(draft.kind), reading_of(draft)
        if draft.base == kind.number():
            _require_writable(kind, reading, signed_by)
            kind.take_over(
                reading, signed_by=one_line(signed_by)[:LONGEST_NAME], by=staff.name, file=draft.file, now=now
            )
            record(Imported(taken=reading.lines, refused=len(reading.refused)), kind.key, by=by, now=now)
            draft.delete_instance()
            return kind
        draft.base = kind.number()
        draft.save(only=(ListDraft.base,))
    raise Conflict(
        _("Somebody has changed this list since your upload. The preview below is new: please check it again.")
    )


def drop_draft(uid: str, *, by: Actor, now: datetime) -> Kind:
    """Throw a draft away. Raises NotFound."""
    with write():
        draft = find_draft(uid)
        draft.delete_instance()
        audit.note("ListDropped", draft.kind, by=by, now=now, file=draft.file)
    return kind_of(draft.kind)


def find_draft(uid: str) -> ListDraft:
    """Find a draft. Raises NotFound, also for one that was written."""
    found: ListDraft | None = ListDraft.get_or_none(ListDraft.uid == uid)
    if found is None:
        raise NotFound
    return found


def reading_of(draft: ListDraft) -> Reading:
    """Read the lines of a draft against the list as it is now."""
    return kind_of(draft.kind).read(draft.read_lines())


def _keep(
    kind: Kind, lines: list[Line], file: str, back_to: int | None, staff: Staff, *, by: Actor, now: datetime
) -> ListDraft:
    with write():
        ListDraft.delete().where(ListDraft.asked_at < now - KEPT_FOR).execute()
        draft: ListDraft = ListDraft.create(
            kind=kind.key,
            file=file,
            back_to=back_to,
            lines=[[line.number, dict(line.cells), line.wrong] for line in lines],
            base=kind.number(),
            asked_by=staff,
            asked_at=now,
        )
        audit.note("ListUploaded", kind.key, by=by, now=now, file=file)
    return draft


def _require_writable(kind: Kind, reading: Reading, signed_by: str) -> None:
    found = kind.differences(reading)
    if not found:
        raise Conflict(_("The file changes nothing, so there is nothing to write."))
    if kind.is_strict and reading.refused:
        raise Conflict(_("This list is taken whole: correct the refused lines in the file, and upload it once more."))
    if kind.needs_sign_off(found) and not signed_by.strip():
        raise Invalid({"signed": _("Give the name and registration number of the clinician who answers for it.")})

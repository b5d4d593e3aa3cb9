"""Stored previews of records: pictures beside the file, so that nothing is drawn while a doctor waits."""

from collections.abc import Sequence
from io import BytesIO

import structlog

from portal.core.records import files
from portal.core.records.files import Stored
from portal.core.records.models import Preview, Record

THUMBNAIL = 0  # the number of the thumbnail; pages are counted from 1
log = structlog.get_logger(__name__)


def store(parts: Sequence[bytes]) -> list[Stored]:
    """Store the copy of a file and its pictures, all or none. Raises Unavailable; nothing is left behind then."""
    stored: list[Stored] = []
    try:
        for part in parts:
            stored.append(files.store(BytesIO(part)))
    except BaseException:
        forget([one.name for one in stored])
        raise
    return stored


def keep(record_id: int, stored: Sequence[Stored]) -> None:
    """Add the rows of stored pictures, in the transaction in which the record becomes readable."""
    for number, one in enumerate(stored, start=THUMBNAIL):
        Preview.create(record=record_id, number=number, stored_name=one.name, sha256=one.sha256)


def picture_of(found: Record, number: int) -> bytes | None:
    """Read a picture and verify its checksum; None when there is none, or it is damaged: it can be drawn anew."""
    row = Preview.get_or_none((Preview.record == found.id) & (Preview.number == number))
    if row is None:
        return None
    picture = files.intact(row.stored_name, row.sha256)
    if picture is None:
        log.error("preview_damaged", record=found.uid, number=number)
    return picture


def with_thumbnails(records: Sequence[Record]) -> frozenset[str]:
    """Return the uids of those records that have a thumbnail."""
    ids = [one.id for one in records if one.is_readable]
    if not ids:
        return frozenset()
    rows = Record.select(Record.uid).join(Preview).where(Record.id.in_(ids) & (Preview.number == THUMBNAIL))
    return frozenset(one.uid for one in rows)


def names_of(found: Record) -> list[str]:
    """List the files of a record's previews, to be deleted after its row (which takes theirs along)."""
    return [row.stored_name for row in Preview.select(Preview.stored_name).where(Preview.record == found.id)]


def forget(names: Sequence[str]) -> None:
    """Delete files that no row names any more."""
    for name in names:
        files.forget(name)

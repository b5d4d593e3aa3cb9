"""Register of damaged files: they are not served, and the administrator is told until they are intact again."""

from datetime import datetime

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, write


class DamagedFile(BaseModel):
    """A stored file that is missing or fails its checksum. `kind` and `uid` name the row it belongs to."""

    kind = peewee.CharField(max_length=20)
    uid = peewee.CharField(max_length=22)
    found_at = UTCDateTimeField()

    class Meta:
        indexes = ((("kind", "uid"), True),)


def note(kind: str, uid: str, *, is_intact: bool, now: datetime) -> None:
    """Record whether a file that was just read is intact. Idempotent."""
    found = (DamagedFile.kind == kind) & (DamagedFile.uid == uid)
    if DamagedFile.select().where(found).exists() != is_intact:
        return
    with write():
        if is_intact:
            DamagedFile.delete().where(found).execute()
        else:
            DamagedFile.insert(kind=kind, uid=uid, found_at=now).on_conflict_ignore().execute()


def count() -> int:
    """Count the damaged files found so far."""
    return int(DamagedFile.select().count())

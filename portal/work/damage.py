"""Register of damaged files: they are not served, and the administrator is told until they are intact again."""

from datetime import datetime

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, write


class DamagedFile(BaseModel):
    """A stored file that is missing or fails its checksum. `kind` is its folder, `uid` its name."""

    kind = peewee.CharField(max_length=20)
    uid = peewee.CharField(max_length=40)
    found_at = UTCDateTimeField()

    class Meta:
        indexes = ((("kind", "uid"), True),)


def note(folder: str, name: str, *, is_intact: bool, now: datetime) -> None:
    """Record whether a file that was just read is intact. Idempotent."""
    found = (DamagedFile.kind == folder) & (DamagedFile.uid == name)
    if DamagedFile.select().where(found).exists() != is_intact:
        return
    with write():
        if is_intact:
            DamagedFile.delete().where(found).execute()
        else:
            DamagedFile.insert(kind=folder, uid=name, found_at=now).on_conflict_ignore().execute()


def count() -> int:
    """Count the damaged files found so far."""
    return int(DamagedFile.select().count())


def first() -> str:
    """Return folder and name of the file that was found first; "" without any."""
    row = DamagedFile.select().order_by(DamagedFile.id).first()
    return f"{row.kind}/{row.uid}" if row else ""

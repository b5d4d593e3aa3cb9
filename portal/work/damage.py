"""Files that were found damaged: nobody gets them, and the administrator is told until they are whole again."""

from datetime import datetime

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, write


class DamagedFile(BaseModel):
    """A stored file that is not there, or not as it was stored. `kind` and `uid` name the row it belongs to."""

    kind = peewee.CharField(max_length=20)
    uid = peewee.CharField(max_length=22)
    found_at = UTCDateTimeField()

    class Meta:
        indexes = ((("kind", "uid"), True),)


def note(kind: str, uid: str, *, is_intact: bool, now: datetime) -> None:
    """Remember what reading a file has shown."""
    found = (DamagedFile.kind == kind) & (DamagedFile.uid == uid)
    if DamagedFile.select().where(found).exists() != is_intact:
        return
    with write():
        if is_intact:
            DamagedFile.delete().where(found).execute()
        else:
            DamagedFile.insert(kind=kind, uid=uid, found_at=now).on_conflict_ignore().execute()


def count() -> int:
    """How many files are damaged as far as anybody has seen."""
    return int(DamagedFile.select().count())

"""What sweeps have seen of the files, for pages and checks of all nodes: they ask the database, not the store."""

from datetime import datetime

import peewee

from portal.store.db import BaseModel, UTCDateTimeField, write

LEFT, SET_ASIDE, DOWN = "left", "set aside", "down"


class FileNote(BaseModel):
    """One thing to know: how many files it is about (`number`), or what is wrong (`text`)."""

    name = peewee.CharField(max_length=40, unique=True)
    number = peewee.IntegerField(default=0)
    text = peewee.CharField(max_length=300, default="")
    noted_at = UTCDateTimeField()


class DeferredFile(BaseModel):
    """A file to be deleted at the end of the backup that is being made."""

    key = peewee.CharField(max_length=120)


def put(name: str, *, now: datetime, number: int = 0, text: str = "") -> None:
    """Note a number or a sentence under a name; neither of them: there is nothing to know."""
    with write():
        FileNote.delete().where(FileNote.name == name).execute()
        if number or text:
            FileNote.create(name=name, number=number, text=text[:300], noted_at=now)


def sum_of(prefix: str) -> int:
    """Add up the numbers under the names that begin so."""
    found = FileNote.select(peewee.fn.SUM(FileNote.number)).where(FileNote.name.startswith(prefix))
    return int(found.scalar() or 0)


def text_of(name: str) -> str:
    """Return the sentence under a name; "" when there is none."""
    found = FileNote.get_or_none(FileNote.name == name)
    return str(found.text) if found else ""

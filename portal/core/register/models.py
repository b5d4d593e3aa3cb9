"""Tables of imports of the register: the file, what it would change person by person, and what became of it."""

import peewee

from portal.core.accounts.models import Staff
from portal.store.db import BaseModel, UidModel, UTCDateTimeField, claim

OPENING, COLUMNS, READING, COMPARING, READY = "opening", "columns", "reading", "comparing", "ready"
APPLYING, DONE, UNDOING, UNDONE = "applying", "done", "undoing", "undone"
FAILED = "failed"
WORKING = (OPENING, READING, COMPARING, APPLYING, UNDOING)  # the worker is at it
NEW, CHANGED, SAME, REFUSED, GONE = "new", "changed", "same", "refused", "gone"
KINDS = (NEW, CHANGED, GONE, REFUSED, SAME)
PENDING, APPLIED, TAKEN_BACK, KEPT = "", "applied", "undone", "kept"
CHANGED_SINCE, IN_USE, THERE = "changed", "used", "there"  # why a row was left as it is


class RegisterImport(UidModel):
    """One import of a file. Its `id` is the number that people are told.

    `mapping`: the column of the file by field of the register. `counts`: rows by kind, once the file is read.
    `cursor` is the line of the file, or the row of `RegisterChange`, that was done last, `compared` the Ben ID that
    was looked at last; all are written in the transaction of the work itself, so that a killed worker's import goes on.
    """

    file = peewee.CharField(max_length=120)
    state = peewee.CharField(max_length=10, default=COLUMNS)
    language = peewee.CharField(max_length=12)
    columns = peewee.JSONField(default=list)
    sample = peewee.JSONField(default=list)
    mapping = peewee.JSONField(default=dict)
    day_first = peewee.BooleanField(default=False)
    counts = peewee.JSONField(default=dict)
    cursor = peewee.IntegerField(default=0)
    compared = peewee.CharField(max_length=10, default="")
    total = peewee.IntegerField(default=0)
    done = peewee.IntegerField(default=0)
    kept = peewee.IntegerField(default=0)
    marks_gone = peewee.BooleanField(default=False)
    problem = peewee.CharField(max_length=20, default="")
    asked_by = peewee.ForeignKeyField(Staff, null=True, backref="register_imports")
    asked_at = UTCDateTimeField()
    confirmed_by = peewee.ForeignKeyField(Staff, null=True, backref="register_imports_confirmed")
    confirmed_at = UTCDateTimeField(null=True)
    finished_at = UTCDateTimeField(null=True)
    undone_by = peewee.ForeignKeyField(Staff, null=True, backref="register_imports_undone")
    undone_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)

    @property
    def is_working(self) -> bool:
        """Is the worker at it?"""
        return self.state in WORKING


class RegisterUpload(BaseModel):
    """The file of an import, until it is read."""

    batch = peewee.ForeignKeyField(RegisterImport, unique=True, on_delete="CASCADE")
    content = peewee.BlobField()


class RegisterChange(BaseModel):
    """A line of the file, or a person who is not in it: what the register held before, and what it would hold after.

    `before` is empty for new people. `after` of a refused line holds its cells as typed. `reason`: why it was refused,
    or why it was left as it was when the import was done or undone.
    """

    batch = peewee.ForeignKeyField(RegisterImport, backref="changes", on_delete="CASCADE")
    line = peewee.IntegerField(null=True)
    ben_id = peewee.CharField(max_length=10, default="")
    kind = peewee.CharField(max_length=8)
    before = peewee.JSONField(default=dict)
    after = peewee.JSONField(default=dict)
    outcome = peewee.CharField(max_length=8, default=PENDING)
    reason = peewee.TextField(default="")

    class Meta:
        indexes = ((("batch", "kind", "id"), False), (("batch", "ben_id"), False), (("ben_id", "id"), False))


class Overtaken(RuntimeError):
    """Another worker has gone on with this import, as the lease of this one had expired."""


def advance(batch: RegisterImport, cursor: int, compared: str, **more: object) -> None:
    """Move on to this cursor. Raises Overtaken, which rolls the work of the transaction back."""
    changes = {"cursor": cursor, "compared": compared, **more}
    as_read = (RegisterImport.cursor == batch.cursor) & (RegisterImport.compared == batch.compared)
    mine = (RegisterImport.id == batch.id) & (RegisterImport.state == batch.state) & as_read
    if not claim(RegisterImport.update(**changes).where(mine)):
        raise Overtaken(batch.id)
    for name, value in changes.items():
        setattr(batch, name, value)

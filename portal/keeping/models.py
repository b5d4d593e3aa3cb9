"""Tables: backups that were made, restores, and how far the scrub is."""

import peewee

from portal.store.db import BaseModel, UTCDateTimeField


class Backup(BaseModel):
    """One finished backup. `problem`: what is missing or damaged in it, or why it could not be verified."""

    taken_at = UTCDateTimeField(index=True)
    finished_at = UTCDateTimeField()
    place = peewee.CharField(max_length=300)
    size = peewee.BigIntegerField()
    files = peewee.IntegerField()
    verified = peewee.BooleanField()
    problem = peewee.CharField(max_length=300, default="")


class Generation(BaseModel):
    """One restore; the number of the generation is the row's id, and 0 before the first.

    `lost`: numbers that were told after the backup, as a list of [series, first, last].
    """

    taken_at = UTCDateTimeField()
    restored_at = UTCDateTimeField()
    lost = peewee.JSONField()


class Scrub(BaseModel):
    """How far the stored files are read again: one row. `place`: the table it stands in, "" between two passes.

    `last_id`: the last row of it. `files` and `bytes`: read in this pass, or in the last one between two. `owed`: bytes
    that the last part read beyond its minute. `finished_at`: when the last pass ended.
    """

    place = peewee.CharField(max_length=40, default="")
    last_id = peewee.BigIntegerField(default=0)
    began_at = UTCDateTimeField(null=True)
    finished_at = UTCDateTimeField(null=True)
    files = peewee.BigIntegerField(default=0)
    bytes = peewee.BigIntegerField(default=0)
    owed = peewee.BigIntegerField(default=0)
    next_at = UTCDateTimeField()
    version = peewee.IntegerField(default=0)

"""Tables: backups that were made, and restores."""

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

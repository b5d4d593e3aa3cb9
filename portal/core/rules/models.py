"""Imported tables of law and safety."""

import peewee

from portal.store.db import UidModel, UTCDateTimeField


class RuleTable(UidModel):
    """One import of one table, whole: its number over all tables, who signed it off, when, by whom, from which file."""

    number = peewee.IntegerField(unique=True)
    name = peewee.CharField(max_length=20)
    content = peewee.TextField()
    signed_by = peewee.CharField(max_length=120)
    imported_at = UTCDateTimeField()
    imported_by = peewee.CharField(max_length=60)
    file = peewee.CharField(max_length=120, default="")

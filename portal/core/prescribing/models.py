"""Table of the answers that doctors gave for medicines without a class."""

import peewee

from portal.core.accounts.models import Staff
from portal.store.db import BaseModel, UTCDateTimeField


class JudgedName(BaseModel):
    """A name that no list of the guidelines has, prescribed by this doctor's own judgement: not asked again of them."""

    doctor = peewee.ForeignKeyField(Staff)
    name = peewee.CharField(max_length=200)
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("doctor", "name"), True),)

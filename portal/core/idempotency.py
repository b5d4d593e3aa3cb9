"""One form, one effect: what a form's key was answered with."""

import peewee

from portal.core.db import BaseModel, UTCDateTimeField


class SpentKey(BaseModel):
    """A form key spent by a success. `parameters` is the hash of what was sent, `location` where the answer led."""

    key = peewee.CharField(max_length=40)
    actor = peewee.CharField(max_length=40)
    parameters = peewee.CharField(max_length=64)
    location = peewee.CharField(max_length=300)
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("key", "actor"), True),)

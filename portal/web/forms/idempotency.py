"""One form, one effect: what a form's key was answered with."""

import peewee

from portal.store.db import BaseModel, UTCDateTimeField
from portal.store.prepared import Prepared


class SpentKey(BaseModel):
    """A form key spent by a success. `parameters` is the hash of what was sent, `location` where the answer led."""

    key = peewee.CharField(max_length=40)
    actor = peewee.CharField(max_length=40)
    parameters = peewee.CharField(max_length=64)
    location = peewee.CharField(max_length=300)
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("key", "actor"), True),)


@Prepared
def _spent(key: object, actor: object) -> peewee.Select:
    return SpentKey.select().where((SpentKey.key == key) & (SpentKey.actor == actor))


def find_spent(key: str, actor: str) -> SpentKey | None:
    """The first answer to this form of this person, or None."""
    found: SpentKey | None = _spent.first(key, actor)
    return found

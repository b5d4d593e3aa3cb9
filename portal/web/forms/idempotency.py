"""Stored idempotency keys of forms, with their first response."""

import peewee

from portal.store.db import BaseModel, UTCDateTimeField
from portal.store.prepared import Prepared


class SpentKey(BaseModel):
    """An idempotency key used by a success. `parameters`: hash of the request; `location`: target of its redirect."""

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
    """Find the first response to this form of this person, or None."""
    found: SpentKey | None = _spent.first(key, actor)
    return found

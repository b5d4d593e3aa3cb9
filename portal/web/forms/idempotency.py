"""Stored idempotency keys of forms, with their first response."""

from datetime import datetime, timedelta

import peewee

from portal.store.db import BaseModel, UTCDateTimeField
from portal.store.prepared import Prepared
from portal.work import jobs

KEPT = timedelta(days=7)  # a form lives no longer than its CSRF token: as long as its sign-in, half a day
AT_ONCE = 2000  # a minute


class SpentKey(BaseModel):
    """An idempotency key used by a success. `parameters`: hash of the request; `location`: target of its redirect."""

    key = peewee.CharField(max_length=40)
    actor = peewee.CharField(max_length=40)
    parameters = peewee.CharField(max_length=64)
    location = peewee.CharField(max_length=300)
    at = UTCDateTimeField(index=True)

    class Meta:
        indexes = ((("key", "actor"), True),)


@Prepared
def _spent(key: object, actor: object) -> peewee.Select:
    return SpentKey.select().where((SpentKey.key == key) & (SpentKey.actor == actor))


def find_spent(key: str, actor: str) -> SpentKey | None:
    """Find the first response to this form of this person, or None."""
    found: SpentKey | None = _spent.first(key, actor)
    return found


@jobs.sweep(every=60)
def sweep_spent_keys(now: datetime) -> None:
    """Delete keys KEPT after their form was sent, a few at a time."""
    old = SpentKey.select(SpentKey.id).where(SpentKey.at < now - KEPT).order_by(SpentKey.at).limit(AT_ONCE)
    SpentKey.delete().where(SpentKey.id.in_(old)).execute()

"""What the nightly verifications of the audit log found."""

from datetime import datetime, timedelta

import peewee

from portal.store.db import BaseModel, UTCDateTimeField

STALE = timedelta(hours=49)  # two nights


class AuditCheck(BaseModel):
    """One verification. `first`: the sentence of the first break."""

    at = UTCDateTimeField()
    rows = peewee.IntegerField()
    breaks = peewee.IntegerField()
    first = peewee.CharField(max_length=200, default="")


def newest() -> AuditCheck | None:
    """Return the last verification."""
    found: AuditCheck | None = AuditCheck.select().order_by(AuditCheck.id.desc()).first()
    return found


def is_stale(now: datetime) -> bool:
    """Has the log not been verified for two nights?"""
    last = newest()
    return last is not None and now - last.at > STALE

"""Circuit breaker of each driver: open after repeated failures, half-open after a pause. Stored, for all workers.

Costs one indexed read for each text; a write only on a failure and on recovery.
"""

from datetime import datetime, timedelta

import peewee

from portal.api.storage import BaseModel, UTCDateTimeField, claim, write

LIMIT = 5
REST = timedelta(seconds=30)


class DriverState(BaseModel):
    """Failures in a row, and until when the breaker stays open. No row: it never failed."""

    name = peewee.CharField(max_length=20, unique=True)
    failures = peewee.IntegerField(default=0)
    rest_until = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")

    class Meta:
        table_name = "sms_gateway_driver"


def allows(name: str, *, now: datetime) -> bool:
    """Tell whether this driver may be called: not while the breaker is open; then one trial at a time
    (compare-and-set).
    """
    state = state_of(name)
    if state is None or state.failures < LIMIT:
        return True
    if state.rest_until is None or state.rest_until > now:
        return False
    mine = (DriverState.name == name) & (DriverState.rest_until == state.rest_until)
    return claim(DriverState.update(rest_until=now + REST).where(mine))


def failed(name: str, error: str, *, now: datetime) -> None:
    """Count one more failure in a row."""
    with write():
        DriverState.insert(name=name).on_conflict_ignore().execute()
        mine = DriverState.name == name
        more = DriverState.failures + 1
        DriverState.update(failures=more, rest_until=now + REST, error=error[:200]).where(mine).execute()


def succeeded(name: str) -> None:
    """Close the breaker: reset the failures."""
    state = state_of(name)
    if state is not None and state.failures:
        claim(DriverState.update(failures=0, rest_until=None, error="").where(DriverState.name == name))


def state_of(name: str) -> DriverState | None:
    """Return the breaker's state; None when the driver never failed."""
    found: DriverState | None = DriverState.get_or_none(DriverState.name == name)
    return found


def is_resting(name: str) -> bool:
    """Tell whether the breaker is open or half-open."""
    state = state_of(name)
    return state is not None and state.failures >= LIMIT

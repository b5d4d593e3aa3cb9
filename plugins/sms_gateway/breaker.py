"""A driver that fails again and again rests; then one text tries it. Kept in the database, so that all workers agree.

One indexed read for each text, a write only when something fails or is well again.
"""

from datetime import datetime, timedelta

from portal.api.storage import claim, write

from .models import DriverState

LIMIT = 5
REST = timedelta(seconds=30)


def allows(name: str, *, now: datetime) -> bool:
    """May this driver be asked? While it rests nobody may; after that one text at a time tries it."""
    state = state_of(name)
    if state is None or state.failures < LIMIT:
        return True
    if state.rest_until is None or state.rest_until > now:
        return False
    mine = (DriverState.name == name) & (DriverState.rest_until == state.rest_until)
    return claim(DriverState.update(rest_until=now + REST).where(mine))


def failed(name: str, error: str, *, now: datetime) -> None:
    """One more failure in a row."""
    with write():
        DriverState.insert(name=name).on_conflict_ignore().execute()
        mine = DriverState.name == name
        more = DriverState.failures + 1
        DriverState.update(failures=more, rest_until=now + REST, error=error[:200]).where(mine).execute()


def succeeded(name: str) -> None:
    """It works: failures are forgotten."""
    state = state_of(name)
    if state is not None and state.failures:
        claim(DriverState.update(failures=0, rest_until=None, error="").where(DriverState.name == name))


def state_of(name: str) -> DriverState | None:
    """How the driver is doing; None when it never failed."""
    found: DriverState | None = DriverState.get_or_none(DriverState.name == name)
    return found


def is_resting(name: str) -> bool:
    """Did it fail so often that only a trial is let through?"""
    state = state_of(name)
    return state is not None and state.failures >= LIMIT

"""Stored timestamps: last successes, the sender's lease, and the rate limit."""

from datetime import datetime, timedelta

from portal.api.storage import one_at_a_time, write

from .models import Mark

MINUTE = timedelta(minutes=1)


def set_mark(name: str, *, now: datetime, text: str = "") -> None:
    """Store a timestamp, and a word with it."""
    with write():
        one_at_a_time(f"mark {name}")
        Mark.delete().where(Mark.name == name).execute()
        Mark.create(name=name, at=now, text=text[:200])


def at(name: str) -> datetime | None:
    """Return the timestamp."""
    row = Mark.get_or_none(Mark.name == name)
    return row.at if row else None


def text(name: str) -> str:
    """Return its word."""
    row = Mark.get_or_none(Mark.name == name)
    return str(row.text) if row else ""


def take_lease(name: str, lease: timedelta, *, now: datetime) -> bool:
    """Take the lease of this name; False when somebody else holds it.

    Not of `Leases`, which lease a row of work and schedule its next try: this is of the sending as a whole, which has
    no row and no tries, so that two workers do not send beside each other.
    """
    with write():
        one_at_a_time(f"mark {name}")
        held = at(name)
        if held is not None and held > now:
            return False
        set_mark(name, now=now + lease)
    return True


def release_lease(name: str) -> None:
    """Release the lease."""
    with write():
        Mark.delete().where(Mark.name == name).execute()


def remaining(name: str, most: int, *, now: datetime) -> int:
    """Return what is left of the rate limit in this minute."""
    start = at(name)
    return most if start is None or start <= now - MINUTE else most - int(text(name))


def count(name: str, *, now: datetime) -> None:
    """Count one against the rate limit of this minute."""
    start = at(name)
    begun = start is not None and start > now - MINUTE
    set_mark(name, now=start if begun and start else now, text=str(int(text(name)) + 1 if begun else 1))

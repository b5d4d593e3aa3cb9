"""Small facts that outlive a process: when something last went well, and who holds the pump."""

from datetime import datetime, timedelta

from portal.api.storage import one_at_a_time, write

from .models import Mark

MINUTE = timedelta(minutes=1)


def set_mark(name: str, *, now: datetime, text: str = "") -> None:
    """Remember a moment, and a word with it."""
    with write():
        Mark.delete().where(Mark.name == name).execute()
        Mark.create(name=name, at=now, text=text[:200])


def at(name: str) -> datetime | None:
    """The remembered moment."""
    row = Mark.get_or_none(Mark.name == name)
    return row.at if row else None


def text(name: str) -> str:
    """The word that was remembered with it."""
    row = Mark.get_or_none(Mark.name == name)
    return str(row.text) if row else ""


def take(name: str, lease: timedelta, *, now: datetime) -> bool:
    """Be the only one for a while; False when somebody else is."""
    with write():
        one_at_a_time(f"mark {name}")
        held = at(name)
        if held is not None and held > now:
            return False
        set_mark(name, now=now + lease)
    return True


def release(name: str) -> None:
    """Let the next one."""
    with write():
        Mark.delete().where(Mark.name == name).execute()


def left(name: str, most: int, *, now: datetime) -> int:
    """What of this minute's allowance is left."""
    start = at(name)
    return most if start is None or start <= now - MINUTE else most - int(text(name))


def spend(name: str, *, now: datetime) -> None:
    """Use up one of this minute's allowance."""
    start = at(name)
    begun = start is not None and start > now - MINUTE
    set_mark(name, now=start if begun and start else now, text=str(int(text(name)) + 1 if begun else 1))

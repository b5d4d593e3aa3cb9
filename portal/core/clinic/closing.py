"""What a new holiday does to tokens already given: asked of the rooms above, which know tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from portal.work.audit import Actor


@dataclass(frozen=True)
class Closing:
    """`waiting` lists who waits for a day; `prepare` comes before the holiday is written, `close` after it.

    `close` sends on who waits and closes the day's sessions, `reopen` opens them again. All but `waiting` are called in
    the transaction that writes or deletes the holiday.
    """

    waiting: Callable[[date, datetime], list[str]]
    prepare: Callable[[date, datetime], None]
    close: Callable[[date, Actor, datetime], None]
    reopen: Callable[[date, datetime], None]


_closings: list[Closing] = []


def closes_days(closing: Closing) -> None:
    """Register what happens to the tokens of a day that becomes a holiday, or is none any more."""
    _closings.append(closing)


def waiting(day: date, now: datetime) -> list[str]:
    """List who waits for a day, from today on: token and initials."""
    return [token for closing in _closings for token in closing.waiting(day, now)]


def prepare(day: date, now: datetime) -> None:
    """Make a day ready to be closed, before its holiday is written."""
    for closing in _closings:
        closing.prepare(day, now)


def close(day: date, *, by: Actor, now: datetime) -> None:
    """Close a day, and send on who waits for it. Raises Conflict while a patient is with a doctor."""
    for closing in _closings:
        closing.close(day, by, now)


def reopen(day: date, now: datetime) -> None:
    """Open the sessions of a day again that is no holiday any more."""
    for closing in _closings:
        closing.reopen(day, now)

"""What happened in a call, folded from its events: who was there and when, by which means, how it ended.

Reports come from pages and servers: lost, doubled, late and out of order. The fold gives the same log whatever their
order, and no report ever moves a visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PATIENT, DOCTOR, GUEST = "patient", "doctor", "guest"
Outcome = Literal["nobody", "patient only", "doctor only", "both", "phoned"]
NO_TIME = timedelta()


@dataclass(frozen=True)
class Entry:
    """One event of a call, as the fold sees it."""

    at: datetime
    kind: str
    role: str = ""
    connection: str = ""
    word: str = ""


@dataclass(frozen=True)
class Stay:
    """One page of one person in the call; `until` is None while it is there."""

    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class CallLog:
    """One call attempt. `moments` are its changes in order: mode, poor lines, failures, the number taken."""

    stays: tuple[Stay, ...]
    moments: tuple[Entry, ...]
    quality: dict[str, str]
    outcome: Outcome
    together: timedelta
    ended: str

    def is_there(self, role: str) -> bool:
        """Is somebody of this role in the call now?"""
        return any(stay.role == role and stay.until is None for stay in self.stays)


def fold(entries: Iterable[Entry], *, closed_at: datetime | None, now: datetime) -> CallLog:
    """The log of one attempt. `closed_at` ends whatever is still open."""
    events = sorted(set(entries), key=lambda entry: (entry.at, entry.kind, entry.role, entry.connection, entry.word))
    stays = tuple(_stays(events, closed_at))
    moments = tuple(entry for entry in events if entry.kind in {"mode", "failed", "phoned"} or entry.word == "poor")
    return CallLog(
        stays=stays,
        moments=moments,
        quality=_worst(events),
        outcome=_outcome(stays, moments),
        together=_together(stays, closed_at or now),
        ended=next((entry.word for entry in reversed(events) if entry.kind == "ended"), ""),
    )


def _stays(events: list[Entry], closed_at: datetime | None) -> Iterable[Stay]:
    """A page joins once and leaves once: the first of each counts, also when a late one comes after a new page's."""
    joined = _first(events, "joined")
    left = _first(events, "left")
    for key, since in sorted(joined.items(), key=lambda item: item[1]):
        ends = [moment for moment in (left.get(key), closed_at) if moment is not None]
        yield Stay(key[0], since, max(min(ends), since) if ends else None)


def _first(events: list[Entry], kind: str) -> dict[tuple[str, str], datetime]:
    found: dict[tuple[str, str], datetime] = {}
    for entry in events:
        if entry.kind == kind:
            found.setdefault((entry.role, entry.connection), entry.at)
    return found


def _worst(events: list[Entry]) -> dict[str, str]:
    """The worst connection of each side; good when nothing else was said."""
    worst: dict[str, str] = {}
    for entry in events:
        if entry.kind == "quality" and QUALITIES.index(entry.word) >= QUALITIES.index(worst.get(entry.role, "good")):
            worst[entry.role] = entry.word
    return worst


def _outcome(stays: tuple[Stay, ...], moments: tuple[Entry, ...]) -> Outcome:
    came = {stay.role for stay in stays}
    if {PATIENT, DOCTOR} <= came:
        return "both"
    if any(entry.kind == "phoned" for entry in moments):
        return "phoned"
    if PATIENT in came:
        return "patient only"
    return "doctor only" if DOCTOR in came else "nobody"


def _together(stays: tuple[Stay, ...], end: datetime) -> timedelta:
    """How long both were there, each second once, however many pages they had open."""
    spans = [_merged(stay for stay in stays if stay.role == role) for role in (PATIENT, DOCTOR)]
    mine, yours = ([(since, until or end) for since, until in each] for each in spans)
    shared = (min(a[1], b[1]) - max(a[0], b[0]) for a in mine for b in yours)
    return sum((length for length in shared if length > NO_TIME), NO_TIME)


def _merged(stays: Iterable[Stay]) -> list[tuple[datetime, datetime | None]]:
    """Stays of one side as spans that do not overlap; they come in the order of their beginning."""
    spans: list[tuple[datetime, datetime | None]] = []
    for stay in stays:
        if spans and (spans[-1][1] is None or spans[-1][1] >= stay.since):
            last = spans[-1][1]
            ends_open = last is None or stay.until is None
            spans[-1] = (spans[-1][0], None if ends_open else max(last, stay.until))  # type: ignore[type-var]
        else:
            spans.append((stay.since, stay.until))
    return spans


QUALITIES = ("good", "fair", "poor")

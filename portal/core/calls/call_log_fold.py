"""Fold of a call's events into its log: who was there and when, in which mode, how it ended.

Reports come from pages and servers: lost, duplicate, late and out of order. The fold is idempotent and independent of
the order, and no report ever changes a visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PATIENT, DOCTOR, GUEST = "patient", "doctor", "guest"
GOODBYE = "goodbye"  # the word of "left" by somebody who pressed the button; a lost line says nothing
Outcome = Literal["nobody", "patient only", "doctor only", "both", "phoned"]
NO_TIME = timedelta()
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Entry:
    """One event of a call."""

    at: datetime
    kind: str
    role: str = ""
    connection: str = ""
    word: str = ""


@dataclass(frozen=True)
class Stay:
    """Presence of one page of one person in the call; `until` is None while it lasts."""

    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class CallLog:
    """Log of one call attempt. `moments` are its changes in order: mode, poor quality, failures, the number opened."""

    stays: tuple[Stay, ...]
    moments: tuple[Entry, ...]
    quality: dict[str, str]
    outcome: Outcome
    together: timedelta
    ended: str

    def is_there(self, role: str) -> bool:
        """Tell whether somebody of this role is in the call now."""
        return any(stay.role == role and stay.until is None for stay in self.stays)


def fold(entries: Iterable[Entry], *, closed_at: datetime | None, now: datetime) -> CallLog:
    """Fold the events of one attempt. `closed_at` ends every open stay."""
    events = _in_order(entries)
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


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(set(entries), key=lambda entry: (entry.at, entry.kind, entry.role, entry.connection, entry.word))


def _stays(events: list[Entry], closed_at: datetime | None) -> Iterable[Stay]:
    """Pair the first "joined" with the first "left" of each page, so that a late one of an old page ends no new one."""
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
    """Return the worst quality of each side; good without a report."""
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
    """Return how long both were present, each second once, however many pages they had open."""
    shared = overlap(_spans(stays, PATIENT, end), _spans(stays, DOCTOR, end))
    return sum((until - since for since, until in shared), NO_TIME)


def presence(entries: Iterable[Entry], role: str, closed_at: datetime | None, end: datetime) -> list[Span]:
    """List the spans in which somebody of this role was in the call; a stay without an end lasts until `end`."""
    return _spans(_stays(_in_order(entries), closed_at), role, end)


def vanished(entries: Iterable[Entry], role: str, closed_at: datetime | None) -> list[datetime]:
    """List when somebody of this role was lost from a call that went on, without having pressed "Leave call"."""
    events = _in_order(entries)
    said = {moment for (who, _page), moment in _first(_goodbyes(events), "left").items() if who == role}
    ends = (until for _since, until in _merged(stay for stay in _stays(events, closed_at) if stay.role == role))
    return [until for until in ends if until is not None and until not in said and until != closed_at]


def _goodbyes(events: list[Entry]) -> list[Entry]:
    return [entry for entry in events if entry.word == GOODBYE]


def overlap(mine: Iterable[Span], yours: Iterable[Span]) -> list[Span]:
    """List the spans that two lists share."""
    others = list(yours)
    shared = ((max(a[0], b[0]), min(a[1], b[1])) for a in mine for b in others)
    return [(since, until) for since, until in shared if since < until]


def _spans(stays: Iterable[Stay], role: str, end: datetime) -> list[Span]:
    merged = _merged(stay for stay in stays if stay.role == role)
    return [(since, end if until is None else until) for since, until in merged]


def _merged(stays: Iterable[Stay]) -> list[tuple[datetime, datetime | None]]:
    """Merge overlapping stays of one side, which come in the order of their beginning."""
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

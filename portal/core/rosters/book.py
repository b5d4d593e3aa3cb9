"""The roster of one specialty as plain values: who is there on a day, and what hours and quota hold. No database.

A fact stands in a slot (kind, id of the doctor or specialty, key): "week" by its first day, "day" and "leave" by the
day, "weekday" by its number, "date" by the day. Leave comes before a day of its own, that before the weekly pattern.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from portal.base.lazy import lazy
from portal.core.clinic.day_rules import AS_SET, DayRule, rule_of

WEEK, DAY, LEAVE, WEEKDAY, DATE = "week", "day", "leave", "weekday", "date"
WHOLE, FIRST, SECOND, AWAY = "d", "1", "2", "-"
PARTS = (WHOLE, FIRST, SECOND, AWAY)
HALVES = {WHOLE: frozenset("12"), FIRST: frozenset("1"), SECOND: frozenset("2"), AWAY: frozenset()}

Slot = tuple[str, int, str]
Values = Mapping[str, object] | None
Facts = Mapping[Slot, Values]


def together(one: str, other: str) -> str:
    """Return the letter of somebody who is there at both times."""
    found = HALVES[one] | HALVES[other]
    return next(part for part, halves in HALVES.items() if halves == found)


def without(one: str, other: str) -> str:
    """Return the letter of what remains of a part of the day."""
    found = HALVES[one] - HALVES[other]
    return next(part for part, halves in HALVES.items() if halves == found)


def overlap(one: str, other: str) -> bool:
    """Have two letters a half in common?"""
    return bool(HALVES[one] & HALVES[other])


@dataclass(frozen=True)
class Book:
    """What is written of a specialty and its doctors. `facts` may hold more days than are asked for."""

    specialty: int
    doctors: tuple[int, ...]
    facts: Facts

    @lazy
    def begun(self) -> dict[int, list[str]]:
        """The first days of each doctor's patterns, in order."""
        found: dict[int, list[str]] = {}
        for kind, owner, key in sorted(self.facts):
            if kind == WEEK:
                found.setdefault(owner, []).append(key)
        return found

    def changed(self, facts: Facts) -> "Book":
        """Return the book with these slots filled anew; None empties one."""
        after = {slot: values for slot, values in {**self.facts, **facts}.items() if values is not None}
        return replace(self, facts=after)

    def part(self, doctor: int, day: date) -> str:
        """Return when a doctor is there on a day. Without any pattern up to the day: the whole of it."""
        if self.facts.get((LEAVE, doctor, day.isoformat())) is not None:
            return AWAY
        own = self.facts.get((DAY, doctor, day.isoformat()))
        return str(own["part"]) if own is not None else self.pattern(doctor, day)

    def pattern(self, doctor: int, day: date) -> str:
        """Return what the weekly pattern says, without leave and days of their own."""
        begun = [key for key in self.begun.get(doctor, ()) if key <= day.isoformat()]
        if not begun:
            return WHOLE
        values = self.facts[WEEK, doctor, begun[-1]] or {}
        ends = values.get("ends")
        is_over = ends is not None and str(ends) < day.isoformat()
        return AWAY if is_over else str(values["days"])[day.weekday()]

    def there(self, day: date) -> dict[int, str]:
        """Return the doctors who are there on a day, each with the part of it."""
        parts = {doctor: self.part(doctor, day) for doctor in self.doctors}
        return {doctor: part for doctor, part in parts.items() if part != AWAY}

    def has_nobody(self, day: date) -> bool:
        """Has the specialty doctors, but none on this day? One without doctors has no roster."""
        return bool(self.doctors) and not self.there(day)

    def rule(self, day: date) -> DayRule:
        """Return the specialty's hours and quota of a day: its own, else the weekday's, else the settings'."""
        own = self.facts.get((DATE, self.specialty, day.isoformat()))
        usual = self.facts.get((WEEKDAY, self.specialty, str(day.isoweekday())))
        values = own if own is not None else usual
        return AS_SET if values is None else rule_of(values)

    def swapped(self, one: int, on: date, other: int, other_on: date) -> dict[Slot, dict[str, object]]:
        """Return the facts by which two doctors swap: each takes what the other had on that day."""
        taken, given = self.part(one, on), self.part(other, other_on)
        if on == other_on:
            parts = {(one, on): given, (other, on): taken}
        else:
            parts = {
                (one, on): AWAY,
                (other, on): together(self.part(other, on), taken),
                (other, other_on): AWAY,
                (one, other_on): together(self.part(one, other_on), given),
            }
        return {(DAY, who, day.isoformat()): {"part": part, "reason": ""} for (who, day), part in parts.items()}


def from_json(rows: Iterable[tuple[list[object], Values]]) -> dict[Slot, Values]:
    """Read facts as a stored change holds them."""
    return {(str(kind), int(str(owner)), str(key)): values for (kind, owner, key), values in rows}


def to_json(facts: Facts) -> list[list[object]]:
    """Write facts as a stored change holds them."""
    return [[list(slot), dict(values) if values is not None else None] for slot, values in sorted(facts.items())]

"""A change of a roster that somebody wants, and what it does to tokens already given, as plain values."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from portal.core.clinic.models import Specialty
from portal.core.rosters.book import Book, Facts
from portal.core.rosters.models import RosterChange

FARTHEST = timedelta(days=400)  # days of their own may be written so far ahead
SHUT, NOBODY, EARLIER, LATER, FULL = "shut", "nobody", "earlier", "later", "full"
SENT_AWAY = frozenset({SHUT, NOBODY})


@dataclass(frozen=True)
class Deed:
    """A change that somebody wants: the facts as they shall be. `undoes`: what it changes back."""

    kind: str
    specialty: Specialty
    facts: Facts
    undoes: RosterChange | None = None


@dataclass(frozen=True)
class DayEffect:
    """What a change does to one day: its kinds, the tokens waiting for it, and how many exceed the quota."""

    day: date
    kinds: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    beyond: int = 0

    @property
    def sends_away(self) -> bool:
        """Do those who wait get another day, or lose the token?"""
        return bool(SENT_AWAY & set(self.kinds))


@dataclass(frozen=True)
class Effect:
    """Days with tokens, days without any that lose their clinic, and the facts as they were."""

    days: tuple[DayEffect, ...]
    lost: tuple[DayEffect, ...]
    before: Facts
    book: Book

    @property
    def seen(self) -> str:
        """A hash of all that the question showed: it differs when anything has changed meanwhile."""
        shown = sorted(self.before.items()), self.days, self.lost
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

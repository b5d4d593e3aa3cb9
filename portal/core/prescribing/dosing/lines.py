"""A dose line: how much, how often, when, for how long; one step, or several of a tapering course."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

TIMES_OF_DAY = ("morning", "noon", "evening", "night")
BOTH = ("eyes", "ears", "nostrils")  # sites that take the amount twice


@dataclass(frozen=True)
class Times:
    """So many times a day."""

    a_day: int


@dataclass(frozen=True)
class Hourly:
    """Every so many hours."""

    hours: int


@dataclass(frozen=True)
class Spaced:
    """`times` in `days` days: on alternate days, weekly, twice a week."""

    days: int
    times: int = 1


@dataclass(frozen=True)
class Parts:
    """At times of the day: for each of TIMES_OF_DAY a multiple of the amount, 0 for none."""

    each: tuple[Fraction, ...]


@dataclass(frozen=True)
class Named:
    """A rhythm with a name: bedtime, once (at once, a single dose), monthly."""

    name: str


Rhythm = Times | Hourly | Spaced | Parts | Named
_A_DAY: Mapping[str, Fraction] = {"bedtime": Fraction(1)}


@dataclass(frozen=True)
class Step:
    """One step. `amount` each time in `unit` ("" for pieces); None when it is not said. `needed`: only when needed."""

    amount: Fraction | None = None
    unit: str = ""
    rhythm: Rhythm | None = None
    meal: str = ""
    site: str = ""
    days: int | None = None
    till_review: bool = False
    needed: bool = False


@dataclass(frozen=True)
class Line:
    """A parsed dose: its steps, one unless the dose tapers."""

    steps: tuple[Step, ...]

    @property
    def days(self) -> int | None:
        """Days of the whole course, when every step says its own."""
        said = [step.days for step in self.steps if step.days is not None]
        return sum(said) if len(said) == len(self.steps) else None

    @property
    def is_open(self) -> bool:
        """Tell whether it needs no number of days: taken once, when needed, or until the review."""
        last = self.steps[-1]
        return last.needed or last.till_review or last.rhythm == Named("once")


def times_a_day(step: Step) -> int | None:
    """Return how many times a day it is taken; None when that is no whole number, or depends."""
    match step.rhythm:
        case _ if step.needed:
            return None
        case Times(a_day):
            return a_day
        case Hourly(hours) if 24 % hours == 0:
            return 24 // hours
        case Parts(each):
            return sum(1 for part in each if part)
        case Named("bedtime"):
            return 1
    return None


def daily(step: Step) -> Fraction | None:
    """Return the most that is taken on one day, in the step's unit; None when it is not said."""
    if step.amount is None:
        return None
    match step.rhythm:
        case Hourly(hours):
            return step.amount * Fraction(24, hours) if hours <= 24 else step.amount
        case Times(a_day):
            return step.amount * a_day
        case Parts(each):
            return step.amount * sum(each)
        case None:
            return None
    return step.amount


def total(step: Step, days: int | None) -> Fraction | None:
    """Return the amount of the whole step, in its unit; None when it cannot be counted."""
    if step.amount is None or step.rhythm is None or step.needed:
        return None
    amount = step.amount * (2 if step.site in BOTH else 1)
    if step.rhythm == Named("once"):
        return amount
    doses = _doses(step.rhythm, days) if days and days > 0 else None
    return None if doses is None else amount * doses


def _doses(rhythm: Rhythm, days: int) -> Fraction | None:
    match rhythm:
        case Times(a_day):
            return Fraction(a_day * days)
        case Hourly(hours):
            return Fraction(24 * days, hours)
        case Parts(each):
            return sum(each, Fraction()) * days
        case Spaced(every, 1):
            return Fraction(math.ceil(days / every))
        case Spaced(every, times) if days % every == 0:  # else it depends on the days of the week
            return Fraction(times * days // every)
        case Named(name) if name in _A_DAY:
            return _A_DAY[name] * days
    return None

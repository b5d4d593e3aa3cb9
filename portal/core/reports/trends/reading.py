"""Reading the counts of a range of days: whole months from their sums, so that years cost as little as weeks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import peewee

from portal.core.reports.models import ALL, ReportRow

BY_DAY, BY_WEEK = 31, 190  # the longest ranges in days that are drawn by day, and by week
A_DAY = timedelta(days=1)
DAY, WEEK, MONTH = "day", "week", "month"
Counts = Counter[str]


@dataclass(frozen=True)
class Range:
    """Clinic days from first to last, of a specialty and a centre (ids; ALL: of all)."""

    first: date
    last: date
    specialty: int = ALL
    centre: int = ALL

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def step(self) -> str:
        """What one point of a drawing is: a day, a week or a month."""
        return DAY if self.days <= BY_DAY else WEEK if self.days <= BY_WEEK else MONTH

    def slot(self, day: date) -> date:
        """Return the first day of the point that a day belongs to."""
        if self.step == WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.step == MONTH else day

    def before(self) -> "Range":
        """Return as many days just before."""
        return replace(self, first=self.first - timedelta(days=self.days), last=self.first - A_DAY)

    def a_year_ago(self) -> "Range":
        """Return the same weekdays of the year before."""
        return replace(self, first=self.first - timedelta(days=364), last=self.last - timedelta(days=364))


def total(chosen: Range, part: str) -> Counts:
    """Add up a part over the range."""
    found: Counts = Counter()
    for _centre, counts in _rows(chosen, part, ReportRow.centre):
        found.update(counts)
    return +found


def by_slot(chosen: Range, part: str) -> dict[date, Counts]:
    """Add up a part for each point of the drawing, in order; points without any count are left out."""
    found: dict[date, Counts] = defaultdict(Counter)
    for begins, counts in _rows(chosen, part, ReportRow.begins, by_month=chosen.step == MONTH):
        found[chosen.slot(begins)].update(counts)
    return {slot: +counts for slot, counts in sorted(found.items()) if +counts}


def by_specialty(chosen: Range, part: str, ids: Sequence[int]) -> dict[int, Counts]:
    """Add up a part for each specialty."""
    return _by(_rows(chosen, part, ReportRow.specialty, specialties=ids))


def by_centre(chosen: Range, part: str, ids: Sequence[int]) -> dict[int, Counts]:
    """Add up a part for each centre."""
    return _by(_rows(chosen, part, ReportRow.centre, centres=ids))


def numbers(counts: Counts, prefix: str) -> dict[str, int]:
    """Pick the counts whose keys begin so, without that beginning."""
    begin = f"{prefix}/"
    return {key.removeprefix(begin): count for key, count in counts.items() if key.startswith(begin)}


def buckets(counts: Counts, prefix: str = "") -> dict[int, int]:
    """Pick the counts by bucket."""
    picked = numbers(counts, prefix) if prefix else counts
    return {int(key): count for key, count in picked.items()}


def _by(rows: Iterable[tuple[int, dict[str, int]]]) -> dict[int, Counts]:
    found: dict[int, Counts] = defaultdict(Counter)
    for key, counts in rows:
        found[key].update(counts)
    return {key: +counts for key, counts in found.items() if +counts}


def _rows(
    chosen: Range,
    part: str,
    key: peewee.Field,
    *,
    specialties: Sequence[int] = (),
    centres: Sequence[int] = (),
    by_month: bool = True,
) -> Iterator[tuple[Any, dict[str, int]]]:
    """Yield (key, counts) of the rows that add up to the range. Only these columns are read: a quarter has many."""
    where = (
        (ReportRow.part == part)
        & ReportRow.specialty.in_(list(specialties) or [chosen.specialty])
        & ReportRow.centre.in_(list(centres) or [chosen.centre])
    )
    for sign, is_month, first, last in _stretches(chosen) if by_month else [(1, False, chosen.first, chosen.last)]:
        inside = (ReportRow.is_month == is_month) & ReportRow.begins.between(first, last)
        rows: Any = ReportRow.select(key, ReportRow.counts).where(where & inside).tuples()
        for value, counts in rows:
            yield value, counts if sign > 0 else {name: -count for name, count in counts.items()}


def _stretches(chosen: Range) -> Iterator[tuple[int, bool, date, date]]:
    """Split a range into months, days to add and days to take away: (sign, is_month, first, last).

    A month that the range cuts is the sum of its days inside, or the whole less its days outside: whichever are fewer.
    """
    begins, ends = _month(chosen.first), _month(chosen.last)
    if begins == ends and chosen.days < (_following(ends) - begins).days:
        yield 1, False, chosen.first, chosen.last
        return
    if (chosen.first - begins) > (_following(begins) - chosen.first):
        yield 1, False, chosen.first, _following(begins) - A_DAY
        begins = _following(begins)
    elif begins < chosen.first:
        yield -1, False, begins, chosen.first - A_DAY
    if (_following(ends) - A_DAY - chosen.last) > (chosen.last + A_DAY - ends):
        yield 1, False, ends, chosen.last
        ends = ends - A_DAY
    elif chosen.last < _following(ends) - A_DAY:
        yield -1, False, chosen.last + A_DAY, _following(ends) - A_DAY
    yield 1, True, begins, ends


def _month(day: date) -> date:
    return day.replace(day=1)


def _following(day: date) -> date:
    return _month(_month(day) + timedelta(days=32))

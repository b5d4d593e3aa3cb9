"""Vitals over time: points of a small line chart, of the same values as the table beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.chart.facts import PastVisit

WIDTH, HEIGHT = 120, 32  # of the drawing, without unit
MARGIN = 2
TOGETHER = (("systolic", "diastolic"), ("pulse",), ("spo2",), ("temperature",), ("weight",), ("glucose",))


@dataclass(frozen=True)
class Trend:
    """One drawing: the vitals on it, a polyline's points for each, and the lowest and highest value."""

    names: tuple[str, ...]
    lines: tuple[str, ...]
    low: float
    high: float
    first: date
    last: date


def trends_of(past: Sequence[PastVisit]) -> list[Trend]:
    """Draw every vital that was measured at least twice."""
    rows = [visit for visit in reversed(past) if visit.vitals]
    drawn = (_trend(names, rows) for names in TOGETHER)
    return [each for each in drawn if each is not None]


def _trend(names: tuple[str, ...], rows: Sequence[PastVisit]) -> Trend | None:
    measured = [row for row in rows if any(name in row.vitals for name in names)]
    if len(measured) < 2:
        return None
    values = [row.vitals[name] for row in measured for name in names if name in row.vitals]
    low, high = min(values), max(values)
    lines = tuple(_points(name, measured, low, high) for name in names)
    return Trend(names, tuple(filter(None, lines)), low, high, measured[0].day, measured[-1].day)


def _points(name: str, rows: Sequence[PastVisit], low: float, high: float) -> str:
    """Place the values by day; a day without this one is passed over."""
    first, days = rows[0].day, max((rows[-1].day - rows[0].day).days, 1)
    found = [((row.day - first).days / days, row.vitals) for row in rows if name in row.vitals]
    return " ".join(f"{_across(share):.1f},{_down(vitals, name, low, high):.1f}" for share, vitals in found)


def _across(share: float) -> float:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _down(vitals: Mapping[str, float], name: str, low: float, high: float) -> float:
    share = (vitals[name] - low) / (high - low) if high > low else 0.5
    return MARGIN + (1 - share) * (HEIGHT - 2 * MARGIN)

"""What several sections are made of: tokens that count, points of time, counts by kind."""

from collections.abc import Mapping
from datetime import date

from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.reports import words
from portal.core.reports.trends import reading
from portal.core.reports.trends.reading import Counts, Range
from portal.core.reports.trends.section import Column, Row, share

HALF, NINE = 0.5, 0.9


def tokens(counts: Counts) -> int:
    """Count tokens that ran their course here: without those that went on in another visit."""
    elsewhere = ("end/transferred", "end/carried", "end/withdrawn")
    return counts["event/TokenIssued"] + counts["event/TokenMoved"] - sum(counts[key] for key in elsewhere)


def ranked(
    labels: Mapping[str, str], now: Mapping[str, int], before: Mapping[str, int] | None
) -> tuple[list[Column], list[Row]]:
    """Return columns and rows of counts by kind, the most frequent first, with what they were before."""
    columns = [Column(_("How many"), part="tokens"), Column(_("In a hundred"), "share")]
    columns += [Column(_("Before"))] if before is not None else []
    whole, rows = sum(now.values()), []
    for key in sorted(labels, key=lambda key: (-now.get(key, 0), labels[key])):
        count = now.get(key, 0)
        rows.append(
            Row(labels[key], (count, share(count, whole), *([before.get(key, 0)] if before is not None else [])))
        )
    return columns, rows


def slots(chosen: Range, found: Mapping[date, Counts]) -> list[date]:
    """List the points of the drawing: days of the clinic; weeks and months also without any count."""
    if chosen.step == reading.DAY:
        return sorted(found)
    days = (chosen.first + reading.A_DAY * step for step in range(chosen.days))
    return sorted({chosen.slot(day) for day in days})


def slot_words(chosen: Range, slot: date) -> str:
    """Say which point: its day, or the month's first."""
    return words.month(slot) if chosen.step == reading.MONTH else show_date(slot)


def step_words(chosen: Range) -> str:
    """Head the column of points."""
    return {reading.DAY: _("Day"), reading.WEEK: _("Week from"), reading.MONTH: _("Month")}[chosen.step]

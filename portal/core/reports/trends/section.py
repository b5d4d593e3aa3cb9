"""A section of the report: one finding, one drawing, and the table of the same numbers, which is also the CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from portal.base.language import gettext as _
from portal.base.language import show_date, show_number
from portal.core.reports.buckets import percentile
from portal.core.reports.trends.reading import Range
from portal.store.csv_file import csv_line

Unit = Literal["count", "minutes", "hours", "share", "rupees", "rate"]
Drawing = Literal["lines", "stacks", "bars", "heat", "none"]
Value = float | None
MINUTES, HOURS = 60, 3600
BOM = "\ufeff"  # by which spreadsheets know UTF-8


@dataclass(frozen=True)
class Column:
    """A column of numbers; `part` names its colour in the drawing, "" is not drawn."""

    label: str
    unit: Unit = "count"
    part: str = ""


@dataclass(frozen=True)
class Row:
    """A line of the table: its label, and a number for each column; None is nothing to tell."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Section:
    """`key` is its address on the page and its name in the file; `first` heads the column of labels."""

    key: str
    heading: str
    finding: str
    drawing: Drawing
    first: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Is there no number at all?"""
        return not any(value for row in self.rows for value in row.values)


@dataclass(frozen=True)
class Figure:
    """One figure at the top, and what it was in the period that is compared."""

    label: str
    value: Value
    unit: Unit = "count"
    before: Value = None


@dataclass(frozen=True)
class Report:
    """Everything on the page."""

    finding: str
    figures: Sequence[Figure] = field(default_factory=list)
    sections: Sequence[Section] = field(default_factory=list)


def shown(value: Value, unit: Unit) -> str:
    """Write a number with its unit, as people read it."""
    if value is None:
        return "–"
    if unit == "minutes":
        return _minutes(value)
    if unit == "hours":
        return _hours(value)
    if unit == "share":
        return f"{value:.0f} %"
    if unit == "rupees":
        return f"₹ {show_number(value, 2)}"
    return show_number(value, 1 if unit == "rate" else 0)


def plain(value: Value, unit: Unit) -> str:
    """Write a number for a spreadsheet; its unit is in the heading."""
    if value is None:
        return ""
    return f"{value:.0f}" if unit == "count" else f"{value:.1f}"


def unit_words() -> dict[Unit, str]:
    """Map units to their words, for the headings of a file; counts need none."""
    return {"minutes": _("minutes"), "hours": _("hours"), "share": "%", "rupees": "₹"}


def share(part: float, whole: float) -> Value:
    """Return a part of a hundred; None of nothing."""
    return 100 * part / whole if whole else None


def within(counts: Mapping[int, int], part: float, unit: float) -> Value:
    """Return the duration within which this part of all lies, in units of so many seconds."""
    found = percentile(counts, part)
    return None if found is None else found / unit


def _minutes(value: float) -> str:
    minutes = round(value)
    if minutes < 120:
        return _("%(count)s min", count=minutes)
    return _("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)


def _hours(value: float) -> str:
    if value < 2:
        return _minutes(value * 60)
    if value < 48:
        return _("%(count)s h", count=f"{value:.0f}")
    return _("%(count)s days", count=f"{value / 24:.1f}")


def exported(report: Report, chosen: Range) -> Iterator[str]:
    """Yield the lines of the file; no cell can be run as a formula."""
    yield BOM + csv_line([_("Report"), show_date(chosen.first), show_date(chosen.last)])
    yield csv_line([report.finding])
    for figure in report.figures:
        values = (plain(value, figure.unit) for value in (figure.value, figure.before))
        yield csv_line([_heading(Column(figure.label, figure.unit)), *values])
    for section in report.sections:
        yield csv_line([])
        yield csv_line([section.heading])
        yield csv_line([section.first, *map(_heading, section.columns)])
        for row in section.rows:
            pairs = zip(row.values, section.columns, strict=True)
            yield csv_line([row.label, *(plain(value, column.unit) for value, column in pairs)])


def _heading(column: Column) -> str:
    unit = unit_words().get(column.unit)
    return f"{column.label} ({unit})" if unit else column.label

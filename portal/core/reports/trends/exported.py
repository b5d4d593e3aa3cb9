"""The report as a file for a spreadsheet: every table of the page, one after the other."""

from collections.abc import Iterator

from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.reports.trends.reading import Range
from portal.core.reports.trends.section import Column, Report, plain, unit_words
from portal.store.csv_file import csv_line

BOM = "\ufeff"  # by which spreadsheets know UTF-8


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

"""The whole report of a range of days: figures, finding and sections; and what patients said, without who said it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from portal.base.language import gettext as _
from portal.contracts import ReportTable
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.reports.models import ALL
from portal.core.reports.trends import care, queue
from portal.core.reports.trends.reading import Range
from portal.core.reports.trends.section import Column, Figure, Report, Row, Section, Unit, Value, shown
from portal.core.visits.models import Feedback, Visit

COMMENTS, RECENT = 8, timedelta(days=31)


def report_of(
    chosen: Range,
    compared: Range | None,
    title_of: Callable[[str], str],
    tables: Sequence[tuple[str, ReportTable]] = (),
) -> Report:
    """Build the report. `title_of` names a plugin; `tables`: what plugins add, by their names."""
    figures = queue.figures(chosen, compared)
    sections = [
        queue.waits(chosen, compared),
        queue.outcomes(chosen),
        queue.reasons(chosen, compared),
        queue.hours(chosen),
        queue.specialties(chosen),
        care.centres(chosen),
        care.classes(chosen, compared),
        care.warnings(chosen, compared),
        care.delays(chosen),
        care.video(chosen, title_of),
        care.texts(chosen),
        care.feedback(chosen, compared),
        *(_of_plugin(name, table, title_of(name)) for name, table in tables),
    ]
    return Report(_finding(figures), figures, sections)


def comments(chosen: Range) -> list[Feedback]:
    """Return what was said at most a month before the end of the range, newest first."""
    since = max(chosen.first, chosen.last - RECENT)
    found = (
        Feedback.select(Feedback, Visit.id, ClinicSession.day, Specialty)
        .join(Visit)
        .join(ClinicSession, on=Visit.session == ClinicSession.id + 0)  # from the days to what was said
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(ClinicSession.day.between(since, chosen.last) & (Feedback.text != ""))
    )
    if chosen.specialty != ALL:
        found = found.where(ClinicSession.specialty == chosen.specialty)
    if chosen.centre != ALL:
        found = found.where(RegisterEntry.centre == chosen.centre)
    return list(found.order_by(Feedback.id.desc()).limit(COMMENTS))


def _of_plugin(name: str, table: ReportTable, title: str) -> Section:
    rows = [Row(label, values) for label, values in table.rows]
    note = " ".join(filter(None, [table.note, _("From: %(source)s", source=title)]))
    columns = [Column(label, _unit(row.values[place] for row in rows)) for place, label in enumerate(table.columns)]
    return Section(f"plugin-{name}", table.heading, table.finding, "none", table.first, columns, rows, note)


def _unit(values: Iterable[Value]) -> Unit:
    return "count" if all(value is None or value == int(value) for value in values) else "rate"


def _finding(figures: list[Figure]) -> str:
    given, _done, _not_held, half, nine = figures
    if not given.value:
        return _("No token was given in these days.")
    if half.value is None or nine.value is None:
        return _("Nobody was called in these days.")
    values = {"half": shown(half.value, "minutes"), "nine": shown(nine.value, "minutes")}
    return _("Half waited less than %(half)s, nine in ten less than %(nine)s.", **values)

"""Sections about the queue: waits, tokens, why there was no consultation, hours of the week, specialties."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.clinic.models import Specialty
from portal.core.reports import words
from portal.core.reports.counting import HOURS as BY_HOUR
from portal.core.reports.counting import VISITS, WAITS
from portal.core.reports.models import ALL
from portal.core.reports.trends import reading
from portal.core.reports.trends.pieces import HALF, NINE, ranked, slot_words, slots, step_words, tokens
from portal.core.reports.trends.reading import Counts, Range
from portal.core.reports.trends.section import MINUTES, Column, Figure, Row, Section, Value, share, within

LEAST_TOLD = 5  # a cell of fewer waits is an accident, and would tell of somebody


def figures(chosen: Range, compared: Range | None) -> list[Figure]:
    """Return the figures at the top."""
    now, before = _summary(chosen), _summary(compared) if compared else (None,) * 5
    labels = (
        _("Tokens"),
        _("Completed"),
        _("No consultation"),
        _("Half waited less than"),
        _("Nine in ten waited less than"),
    )
    units = ("count", "share", "share", "minutes", "minutes")
    return [Figure(*each) for each in zip(labels, now, units, before, strict=True)]  # type: ignore[arg-type]


def waits(chosen: Range, compared: Range | None) -> Section:
    """How long people waited, over time."""
    found = reading.by_slot(chosen, WAITS)
    columns = [
        Column(_("Half waited less than"), "minutes", "half"),
        Column(_("Nine in ten waited less than"), "minutes", "nine"),
    ]
    earlier = _in_step(chosen, compared) if compared else {}
    if compared:
        columns.append(Column(_("Before: half"), "minutes", "before"))
    rows = []
    for slot in slots(chosen, found):
        counts = reading.buckets(found.get(slot, Counter()))
        values = [within(counts, HALF, MINUTES), within(counts, NINE, MINUTES)]
        rows.append(Row(slot_words(chosen, slot), (*values, *([earlier.get(slot)] if compared else []))))
    note = _("From the request, or from opening, until the doctor first called. Right within five in a hundred.")
    return Section("waits", _("Waits"), "", "lines", step_words(chosen), columns, rows, note)


def outcomes(chosen: Range) -> Section:
    """What became of the tokens, over time."""
    found = reading.by_slot(chosen, VISITS)
    names = words.stages()
    columns = [
        Column(names["done"], part="done"),
        Column(names["no_show"], part="no_show"),
        Column(_("Given up"), part="gone"),
        Column(_("Not seen by the doctor"), part="elsewhere"),
    ]
    rows = [Row(slot_words(chosen, slot), _ends(found.get(slot, Counter()))) for slot in slots(chosen, found)]
    return Section("outcomes", _("What became of tokens"), "", "stacks", step_words(chosen), columns, rows)


def reasons(chosen: Range, compared: Range | None) -> Section:
    """Why there was no consultation."""
    now = reading.numbers(reading.total(chosen, VISITS), "why")
    before = reading.numbers(reading.total(compared, VISITS), "why") if compared else None
    names = words.reasons()
    labels = {key: names.get(key, key) for key in now.keys() | (before or {}).keys()}
    finding = ""
    if now:
        most = max(now, key=lambda key: now[key])
        finding = _("Most often: %(reason)s (%(count)s).", reason=names.get(most, most), count=now[most])
    return Section(
        "reasons", _("Why there was no consultation"), finding, "bars", _("Reason"), *ranked(labels, now, before)
    )


def hours(chosen: Range) -> Section:
    """Half of the waits by weekday and hour of the clinic."""
    cells: dict[tuple[int, int], dict[int, int]] = {}
    for key, count in reading.total(chosen, BY_HOUR).items():
        place, _slash, bucket = key.partition("/")
        weekday, hour = map(int, place.split("-"))
        cells.setdefault((weekday, hour), {})[int(bucket)] = count
    shown_hours = sorted({hour for _weekday, hour in cells})
    columns = [Column(f"{hour:02d}:00", "minutes") for hour in shown_hours]
    names, days = words.weekdays(), sorted({weekday for weekday, _hour in cells})
    rows = [Row(names[day], tuple(_of_cell(cells.get((day, hour))) for hour in shown_hours)) for day in days]
    return Section(
        "hours",
        _("Half waited less than, by weekday and hour"),
        _longest(rows, columns),
        "heat",
        _("Weekday"),
        columns,
        rows,
    )


def specialties(chosen: Range) -> Section:
    """Tokens, completion and waits of each specialty."""
    listed = list(Specialty.select().order_by(Specialty.id))
    ids = [row.id for row in listed if chosen.specialty in {ALL, row.id}]
    ended, waited = reading.by_specialty(chosen, VISITS, ids), reading.by_specialty(chosen, WAITS, ids)
    rows = [Row(in_language(row), _line(ended[row.id], waited.get(row.id))) for row in listed if row.id in ended]
    columns = [
        Column(_("Tokens"), part="tokens"),
        Column(_("Completed"), "share"),
        Column(_("Half waited less than"), "minutes"),
        Column(_("Nine in ten waited less than"), "minutes"),
    ]
    return Section("specialties", _("By specialty"), "", "bars", _("Specialty"), columns, rows)


def _summary(chosen: Range) -> tuple[Value, ...]:
    ended, waited = reading.total(chosen, VISITS), reading.buckets(reading.total(chosen, WAITS))
    given = tokens(ended)
    shares = share(ended["end/done"], given), share(ended["end/not_held"], given)
    return given, *shares, within(waited, HALF, MINUTES), within(waited, NINE, MINUTES)


def _in_step(chosen: Range, compared: Range) -> dict[date, Value]:
    """Return half of the waits of the compared period, at the points of this one."""
    shift, found = chosen.first - compared.first, {}
    moved: dict[date, Counts] = {}
    for slot, counts in reading.by_slot(compared, WAITS).items():
        moved.setdefault(chosen.slot(max(slot + shift, chosen.first)), Counter()).update(counts)
    for slot, counts in moved.items():
        found[slot] = within(reading.buckets(counts), HALF, MINUTES)
    return found


def _ends(counts: Counts) -> tuple[Value, ...]:
    not_seen = counts["end/expired"] + counts["end/no_doctor"]
    return counts["end/done"], counts["end/not_held"], counts["end/given_up"], not_seen


def _line(ended: Counts, waited: Counts | None) -> tuple[Value, ...]:
    counts, given = reading.buckets(waited or Counter()), tokens(ended)
    return given, share(ended["end/done"], given), within(counts, HALF, MINUTES), within(counts, NINE, MINUTES)


def _of_cell(counts: dict[int, int] | None) -> Value:
    return within(counts, HALF, MINUTES) if counts and sum(counts.values()) >= LEAST_TOLD else None


def _longest(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    cells = [
        (value, row.label, column.label)
        for row in rows
        for value, column in zip(row.values, columns, strict=True)
        if value is not None
    ]
    if not cells:
        return ""
    value, day, hour = max(cells)
    return _("The longest wait is on %(day)s from %(hour)s.", day=day, hour=hour) if value else ""

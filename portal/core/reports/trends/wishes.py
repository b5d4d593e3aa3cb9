"""What is asked of the report: range, specialty, centre and comparison; and what the form offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.clinic.models import Centre, Specialty
from portal.core.reports.models import ALL
from portal.core.reports.trends.reading import Range

USUAL, LONGEST = 28, 3660  # days
COMPARED = ("", "before", "year")


@dataclass(frozen=True)
class Wish:
    """The range and what it is compared with; `errors` by field, where something was not understood."""

    chosen: Range
    compare: str = ""
    specialty: str = ""
    centre: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def compared(self) -> Range | None:
        """The range to compare with, if any."""
        return {"before": self.chosen.before, "year": self.chosen.a_year_ago}.get(self.compare, lambda: None)()

    @property
    def address(self) -> dict[str, str]:
        """The parameters of its address."""
        days = {"first": self.chosen.first.isoformat(), "last": self.chosen.last.isoformat()}
        more = {"specialty": self.specialty, "centre": self.centre, "compare": self.compare}
        return days | {name: value for name, value in more.items() if value}


def read_wish(given: Mapping[str, str], today: date) -> Wish:
    """Read a wish; what is not understood is named in `errors`, and the usual stands in its place."""
    errors: dict[str, str] = {}
    last = _day(given, "last", today, errors)
    first = _day(given, "first", last - timedelta(days=USUAL - 1), errors)
    if first > last or (last - first).days > LONGEST:
        errors["first"] = _("Choose a first day before the last, at most ten years apart.")
        first = last - timedelta(days=USUAL - 1)
    specialty, specialty_id = _chosen(Specialty, given.get("specialty", ""), "specialty", errors)
    centre, centre_id = _chosen(Centre, given.get("centre", ""), "centre", errors)
    compare = given.get("compare", "") if given.get("compare", "") in COMPARED else ""
    return Wish(Range(first, last, specialty_id, centre_id), compare, specialty, centre, errors)


def specialties() -> list[tuple[str, str]]:
    """List the specialties by code."""
    return [(row.code, in_language(row)) for row in Specialty.select().order_by(Specialty.id)]


def centres() -> list[tuple[str, str]]:
    """List the wellness centres by code."""
    return [(row.code, f"{row.code} {in_language(row)}") for row in Centre.select().order_by(Centre.code)]


def comparisons() -> list[tuple[str, str]]:
    """List what a range can be compared with."""
    return [("before", _("the days before")), ("year", _("the same weeks a year before"))]


def ranges(today: date) -> list[tuple[str, date]]:
    """List ranges by their first day; all end today."""
    return [
        (_("7 days"), today - timedelta(days=6)),
        (_("4 weeks"), today - timedelta(days=27)),
        (_("13 weeks"), today - timedelta(days=90)),
        (_("A year"), today - timedelta(days=364)),
    ]


def _day(given: Mapping[str, str], name: str, usual: date, errors: dict[str, str]) -> date:
    text = given.get(name, "").strip()
    if not text:
        return usual
    try:
        return max(date(2000, 1, 1), min(date.fromisoformat(text), date(2999, 12, 31)))
    except ValueError:
        errors[name] = _("Give the day as year, month, day: 2026-11-30.")
        return usual


def _chosen(table: type[Specialty] | type[Centre], code: str, name: str, errors: dict[str, str]) -> tuple[str, int]:
    if not code:
        return "", ALL
    row = table.get_or_none(table.code == code)
    if row is None:
        errors[name] = _("Choose one of the list.")
        return "", ALL
    return code, int(row.id)

"""What a specialty does on a day: open or closed, own hours and quota, else those of the clinic's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

import peewee

from portal.core.clinic.models import Specialty, SpecialtyHours
from portal.store.prepared import Prepared

Values = Mapping[str, object]


@dataclass(frozen=True)
class DayRule:
    """A specialty on a day. None: as in the settings."""

    is_open: bool = True
    opens_at: time | None = None
    closes_at: time | None = None
    quota: int | None = None
    reason: str = ""


AS_SET = DayRule()


@Prepared
def _rows(specialty: object, day: object, weekday: object) -> peewee.Select:
    of_day = (SpecialtyHours.day == day) | (SpecialtyHours.weekday == weekday)
    return SpecialtyHours.select().where((SpecialtyHours.specialty == specialty) & of_day)


def rule_on(specialty: Specialty, day: date) -> DayRule:
    """Return what a specialty does on a day: a row of the day comes before that of its weekday."""
    rows = sorted(_rows.all(specialty, day, day.isoweekday()), key=lambda row: row.day is None)
    return rule_of(values_of(rows[0])) if rows else AS_SET


def values_of(row: SpecialtyHours) -> dict[str, object]:
    """Return a row as values that JSON can hold."""
    return {
        "is_open": bool(row.is_open),
        "opens_at": row.opens_at.strftime("%H:%M") if row.opens_at else None,
        "closes_at": row.closes_at.strftime("%H:%M") if row.closes_at else None,
        "quota": row.quota,
        "reason": row.reason,
    }


def rule_of(values: Values) -> DayRule:
    """Return the rule that these values say."""
    opens, closes, quota = values.get("opens_at"), values.get("closes_at"), values.get("quota")
    return DayRule(
        bool(values.get("is_open", True)),
        time.fromisoformat(str(opens)) if opens else None,
        time.fromisoformat(str(closes)) if closes else None,
        quota if isinstance(quota, int) else None,
        str(values.get("reason", "")),
    )

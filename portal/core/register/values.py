"""What the register holds of somebody, as plain values that are compared, stored with an import, and written back."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.beneficiaries.register_file import Row
from portal.core.clinic.models import Centre

Values = dict[str, Any]
LEFT = "left_on"
FIELDS = ("name", "name_hi", "gender", "date_of_birth", "mobile", "centre", "has_disability", LEFT)


class Centres:
    """The centres' codes by id, and ids by code."""

    def __init__(self) -> None:
        self.codes = {row.id: row.code for row in Centre.select()}
        self.ids = {code: row for row, code in self.codes.items()}

    def values_of(self, entry: RegisterEntry) -> Values:
        """Take an entry's values."""
        return {
            "name": entry.name,
            "name_hi": entry.name_hi,
            "gender": entry.gender,
            "date_of_birth": entry.date_of_birth.isoformat(),
            "mobile": entry.mobile,
            "centre": self.codes[entry.centre_id],
            "has_disability": bool(entry.has_disability),
            LEFT: entry.left_on.isoformat() if entry.left_on else "",
        }

    def columns_of(self, values: Mapping[str, Any]) -> Values:
        """Turn values into those of the table's columns."""
        left = values[LEFT]
        own = {"date_of_birth": date.fromisoformat(values["date_of_birth"]), "centre": self.ids[values["centre"]]}
        return {**values, **own, LEFT: date.fromisoformat(left) if left else None}


def after_of(row: Row, fields: Iterable[str], before: Mapping[str, Any]) -> Values:
    """Return what the register would hold: a field without a column stays as it was. Who is in the file is back."""
    told = {
        "name": row.name,
        "name_hi": row.name_hi,
        "gender": row.gender,
        "date_of_birth": row.date_of_birth.isoformat(),
        "mobile": row.mobile,
        "centre": row.centre,
        "has_disability": row.has_disability,
        LEFT: "",
    }
    known = {("has_disability" if field == "disability" else field) for field in fields} | {LEFT}
    return {field: told[field] if field in known or not before else before[field] for field in FIELDS}


def entries_of(ben_ids: Iterable[str]) -> dict[str, RegisterEntry]:
    """Find entries by their Ben IDs."""
    wanted = list(ben_ids)
    rows = RegisterEntry.select().where(RegisterEntry.ben_id.in_(wanted)) if wanted else ()
    return {entry.ben_id: entry for entry in rows}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """List the fields that differ."""
    return [field for field in FIELDS if before.get(field) != after.get(field)]

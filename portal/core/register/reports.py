"""What an import would change, or has changed: page by page, in words, and refused lines as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.base.language import gettext as _
from portal.base.language import in_language, show_date
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.register import models, words
from portal.core.register.columns import FIELDS
from portal.core.register.models import RegisterChange, RegisterImport
from portal.core.register.values import LEFT, differing
from portal.store.csv_file import csv_line

PAGE, BATCH, SHOWN_IMPORTS, SHOWN_HISTORY = 25, 1_000, 20, 20


@dataclass(frozen=True)
class Shown:
    """One row of a preview: who, and each field that differs with its value before and after."""

    row: RegisterChange
    name: str
    fields: list[tuple[str, str, str]]
    reason: str


@dataclass(frozen=True)
class Page:
    """One page of a kind; `last`: the row that the next page begins behind, 0 for none."""

    kind: str
    rows: list[Shown]
    after: int = 0
    last: int = 0


def page_of(batch: RegisterImport, kind: str, after: int) -> Page:
    """Return a page of the changes of a kind; KEPT lists what was left as it is, of every kind."""
    found = RegisterChange.select().where((RegisterChange.batch == batch) & (RegisterChange.id > after))
    found = found.where(RegisterChange.outcome == models.KEPT if kind == models.KEPT else RegisterChange.kind == kind)
    rows = list(found.order_by(RegisterChange.id).limit(PAGE + 1))
    centres = centre_words()
    last = rows[PAGE - 1].id if len(rows) > PAGE else 0
    return Page(kind, [_shown(row, centres) for row in rows[:PAGE]], after, last)


def newest(before: int = 0) -> list[RegisterImport]:
    """List imports, the newest first; one more than is shown when there are older ones."""
    found = RegisterImport.select().order_by(RegisterImport.id.desc()).limit(SHOWN_IMPORTS + 1)
    return list(found.where(RegisterImport.id < before) if before else found)


def history_of(entry: RegisterEntry) -> list[Shown]:
    """List what imports did to one person, the newest first, as long as it is kept."""
    done = (RegisterChange.ben_id == entry.ben_id) & RegisterChange.outcome.in_((models.APPLIED, models.TAKEN_BACK))
    rows = RegisterChange.select(RegisterChange, RegisterImport).join(RegisterImport).where(done)
    centres = centre_words()
    return [_shown(row, centres) for row in rows.order_by(RegisterChange.id.desc()).limit(SHOWN_HISTORY)]


def refused_file(batch: RegisterImport) -> Iterator[str]:
    """Write what was refused or left as it is as CSV: the line, the reason, and the cells, which can be corrected."""
    yield csv_line(("line", "reason", *FIELDS))
    for is_mine in (RegisterChange.kind == models.REFUSED, RegisterChange.outcome == models.KEPT):
        last = 0
        found = RegisterChange.select().where((RegisterChange.batch == batch) & is_mine).order_by(RegisterChange.id)
        while rows := list(found.where(RegisterChange.id > last).limit(BATCH)):
            yield "".join(csv_line(_cells(row)) for row in rows)
            last = rows[-1].id


def centre_words() -> dict[str, str]:
    """Name the centres by code, in the reader's language."""
    return {row.code: f"{row.code} {in_language(row)}" for row in Centre.select().order_by(Centre.code)}


def _shown(row: RegisterChange, centres: dict[str, str]) -> Shown:
    fields_of, newest_values = words.field_words(), row.after or row.before
    name = newest_values.get("name", "")
    reason = words.reason_words().get(row.reason, row.reason)
    if row.kind not in (models.CHANGED, models.GONE):
        return Shown(row, name, [(fields_of[key], "", _value(key, text, centres)) for key, text in _of(row)], reason)
    fields = [
        (fields_of[key], _value(key, row.before[key], centres), _value(key, row.after[key], centres))
        for key in differing(row.before, row.after)
    ]
    return Shown(row, name, fields, reason)


def _of(row: RegisterChange) -> list[tuple[str, object]]:
    return [(key, value) for key, value in row.after.items() if value not in ("", False) and key != "name"]


def _value(key: str, value: object, centres: dict[str, str]) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key in ("date_of_birth", LEFT) and value:
        try:
            return show_date(date.fromisoformat(str(value)))
        except ValueError:  # as typed, of a refused line
            return str(value)
    genders = {"male": _("Male"), "female": _("Female"), "other": _("Other")}
    return {"gender": genders, "centre": centres}.get(key, {}).get(str(value), str(value) or "–")


def _cells(row: RegisterChange) -> tuple[object, ...]:
    held = dict(row.after)
    held["disability"] = held.get("disability") or ("yes" if held.get("has_disability") else "")
    mobile = str(held.get("mobile", "")).removeprefix("+91")
    cells = {**held, "ben_id": held.get("ben_id") or row.ben_id, "mobile": mobile}
    return (
        row.line or "",
        words.reason_words().get(row.reason, row.reason),
        *(cells.get(field, "") for field in FIELDS),
    )

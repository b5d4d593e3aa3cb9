"""CSV imports of registers and masters: validated line by line, with a report; --dry-run rolls back."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import peewee

from portal.core.clinic.events import Imported
from portal.core.clinic.masters import PATTERNS
from portal.core.clinic.models import Centre, Holiday, Specialty
from portal.core.lists import parts, rules, whole
from portal.core.register import commands as register
from portal.imports import plugin_tables
from portal.store.csv_file import Columns, Line, read_table
from portal.store.db import write
from portal.work.audit import SYSTEM
from portal.work.events import record

DATA = Path(__file__).parent.parent / "core" / "data"
Row = Mapping[str, str]
Values = Mapping[str, object]


@dataclass
class Report:
    """Result of an import or dry run: accepted lines, each refused line with its reason, and what changes."""

    kind: str
    dry_run: bool
    taken: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Format the report for a terminal."""
        for number, reason in self.refused:
            yield f"line {number}: {reason}"
        yield from self.changes
        verb = "would be taken" if self.dry_run else "taken"
        yield f"{self.kind}: {self.taken} {verb}, {len(self.refused)} refused"


class _Undo(Exception):
    """Rolls back the transaction of a dry run."""


def run_import(
    kind: str, path: Path, *, dry_run: bool, now: datetime, by: str = "portal", signed_by: str = ""
) -> Report:
    """Import one file in one transaction; idempotent (upsert). A kind that is not the portal's own is a plugin's.

    Raises Invalid for an unreadable file, NotFound for a kind that nobody takes.

    `by`: who is named with the version of formulary or tables; `signed_by`: who answers for a table.
    """
    report = Report(kind, dry_run)
    # Before the lock, as it takes time.
    listed = whole.read(_lines(path, whole.HEAD), report.refused) if kind == "formulary" else []
    ruled = rules.read(kind, _lines(path, rules.head(kind)), report.refused) if kind in rules.NAMES else []
    people = register.read_file(path.read_bytes()) if kind == "beneficiaries" else None
    try:
        with write():
            if people is not None:
                found = register.import_sheet(path.name, people, now=now)
                report.taken, report.refused, report.changes = found.taken, found.refused, found.changes
            elif kind == "formulary":
                report.taken = len(listed)
                report.changes = whole.take_over(
                    listed, keep_others=bool(report.refused), by=by, file=path.name, now=now
                )
            elif kind in parts.PARTS:
                lines = _lines(path, parts.PARTS[kind][0])
                report.taken, report.changes = parts.take_over(
                    kind, lines, report.refused, by=by, file=path.name, now=now
                )
            elif kind in rules.NAMES:
                signed_by = signed_by or ("nobody yet" if dry_run else "")
                report.changes = rules.take_over(
                    kind, ruled, report.refused, signed_by=signed_by, by=by, file=path.name, now=now
                )
                report.taken = 0 if report.refused else len(ruled)
            elif kind in MASTERS:
                _import_rows(report, path)
            else:
                report.taken = plugin_tables.take_over(kind, path.read_bytes(), now=now)
            if people is None:
                record(Imported(taken=report.taken, refused=len(report.refused)), kind, by=SYSTEM, now=now)
            if dry_run:
                raise _Undo
    except _Undo:
        return report
    return report


def _lines(path: Path, columns: Columns) -> Iterator[Line]:
    with path.open("rb") as file:
        yield from read_table(file, columns)


def _import_rows(report: Report, path: Path) -> None:
    columns, save = MASTERS[report.kind]
    with path.open("rb") as file:
        for line in read_table(file, columns):
            if reason := line.wrong or _refusal(save, line.cells):
                report.refused.append((line.number, reason))
            else:
                report.taken += 1


def _refusal(save: Callable[[Row], None], row: Row) -> str:
    try:
        with write():
            save(row)
    except ValueError as error:
        return str(error)
    except peewee.IntegrityError:
        return "another line has the same code, prefix or day"
    return ""


def _upsert(model: type[Centre] | type[Specialty] | type[Holiday], keys: Values, values: Values) -> None:
    for name, value in {**keys, **values}.items():
        if name in PATTERNS and not re.fullmatch(PATTERNS[name], str(value)):
            raise ValueError(f"{name} is {value!r}; allowed are letters (a to z), digits and _")
        longest = getattr(getattr(model, name), "max_length", None)
        if longest and len(str(value)) > longest:
            raise ValueError(f"{name} is longer than {longest} characters")
    condition = [getattr(model, key) == value for key, value in keys.items()]
    if not model.update(**values).where(*condition).execute():
        model.create(**keys, **values)


def _required(row: Row, *names: str) -> None:
    if empty := [name for name in names if not row.get(name)]:
        raise ValueError(f"{', '.join(empty)} must not be empty")


def _save_centre(row: Row) -> None:
    _required(row, "code", "name")
    _upsert(
        Centre,
        {"code": row["code"]},
        {key: row.get(key, "") for key in ("name", "name_hi", "city", "address", "phone")},
    )


def _save_specialty(row: Row) -> None:
    _required(row, "code", "prefix", "name")
    values: dict[str, str | bool] = {key: row.get(key, "") for key in ("prefix", "name", "name_hi")}
    if neutral := row.get("neutral_prefix", ""):
        values["neutral_prefix"] = neutral
    if private := row.get("is_private", "").lower():
        if private not in ("yes", "no"):
            raise ValueError("is_private is yes or no")
        values["is_private"] = private == "yes"
    _upsert(Specialty, {"code": row["code"]}, values)


def _save_holiday(row: Row) -> None:
    _required(row, "day", "name")
    day = date.fromisoformat(row["day"])
    _upsert(Holiday, {"day": day}, {"name": row["name"], "name_hi": row.get("name_hi", "")})


MASTERS: dict[str, tuple[Columns, Callable[[Row], None]]] = {
    "centres": (Columns(("code", "name"), others=True), _save_centre),
    "specialties": (Columns(("code", "prefix", "name"), others=True), _save_specialty),
    "holidays": (Columns(("day", "name"), others=True), _save_holiday),
}

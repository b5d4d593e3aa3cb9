"""The tables of law and safety, and of diagnoses, as files: each is the whole table, and its changes are told."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from portal.base.errors import Invalid
from portal.core.rules import checking, tables, versions
from portal.core.rules.models import RuleTable
from portal.core.rules.versions import Changes
from portal.store.csv_file import Columns, Line

Row = Mapping[str, str]
NAMES = {name.replace("_", "-"): name for name in tables.KEYS}  # as commands name them
SIGNED = frozenset(NAMES) - {"diagnoses", "icd10"}  # somebody answers for it by name


def head(kind: str) -> Columns:
    """Return the columns that a file must have."""
    return Columns(checking.columns_of(NAMES[kind]))


def read(kind: str, lines: Iterable[Line], refused: list[tuple[int, str]]) -> list[Row]:
    """Read the lines of a file; the wrong ones go to `refused`."""
    versions.refresh()
    name = NAMES[kind]
    columns = checking.columns_of(name)
    found: dict[int, Row] = {}
    for line in lines:
        try:
            if line.wrong:
                raise ValueError(line.wrong)
            row = {column: line.cells[column] for column in columns}
            checking.require_right(name, row)
            found[line.number] = row
        except ValueError as reason:
            refused.append((line.number, str(reason)))
    refused.extend(checking.repeated(name, found.items()).items())
    refused.extend(checking.too_many(name, found))
    return list(found.values())


def take_over(
    kind: str, rows: list[Row], refused: list[tuple[int, str]], *, signed_by: str, by: str, file: str, now: datetime
) -> list[str]:
    """Put a table in force, in the caller's transaction; return a line for each change. A wrong line stops it.

    Raises Invalid without a name under which it is signed off, and for a table without a line.
    """
    if kind in SIGNED and not signed_by.strip():
        raise Invalid(
            {"signed": "Say who signs this table off: --signed 'Dr A. Rao, DMC-18230' (--dry-run shows what changes)."}
        )
    if not rows:
        raise Invalid({"file": "The table has no line; a table is imported whole."})
    if refused:
        return ["nothing is changed while a line is refused: a table is imported whole"]
    name = NAMES[kind]
    changes, number = versions.take_over(name, rows, signed_by=signed_by, by=by, file=file, now=now)
    return list(_told(name, rows, changes, number))


def table_of(kind: str, number: int) -> str:
    """Return a table as it was after an import, 0 for the one in force. Raises Invalid for an unknown number."""
    versions.refresh()
    name, last = NAMES[kind], tables.in_force().number
    if not 0 <= number <= last:
        raise Invalid({"version": f"There is no version {number} of the tables; the newest is {last}."})
    until = (RuleTable.name == name) & (RuleTable.number <= (number or last))
    row = RuleTable.select().where(until).order_by(RuleTable.number.desc()).first()
    return str(row.content) if row else tables.packaged(name)


def _told(name: str, rows: list[Row], changes: Changes, number: int) -> Iterator[str]:
    for row in changes.added:
        yield f"added: {_named(name, row)}"
    for before, after in changes.changed:
        columns = [
            f"{column} {before[column]!r} -> {text!r}" for column, text in after.items() if before[column] != text
        ]
        yield f"changed: {_named(name, after)}: {', '.join(columns)}"
    for row in changes.removed:
        yield f"REMOVED: {_named(name, row)}"
    open_lines = [row for row in rows if row.get("sign_off")]
    touched = {id(row) for row in (*changes.added, *(after for _before, after in changes.changed))}
    for row in open_lines:
        if id(row) in touched:
            yield f"NEEDS A CLINICIAN'S SIGN-OFF: {_named(name, row)}: {row['sign_off']}"
    if open_lines:
        yield f"{len(open_lines)} of {len(rows)} lines are left to a clinician's sign-off"
    if changes:
        yield (
            f"version {number} of the tables: {len(changes.added)} added, {len(changes.changed)} changed, "
            f"{len(changes.removed)} removed"
        )


def _named(name: str, row: Row) -> str:
    return " · ".join(filter(None, (row[column] for column in (*tables.KEYS[name], "law") if column in row)))

"""The formulary as a file: it is the whole list, becomes a version, and its changes are told."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from portal.base.errors import Invalid
from portal.core.formulary import rows, versions
from portal.core.formulary.versions import Changed, Changes, Values
from portal.store.csv_file import Columns, Line

# In the order of the packaged file.
FILE_COLUMNS = (
    "name",
    "form",
    "strengths",
    "tele_class",
    "chronic",
    "route",
    "default_frequency",
    "aliases",
    "brands",
    "substances",
    "source",
    "class_source",
)
HEAD = Columns(("name", "form", "tele_class"), others=True)


def read(lines: Iterable[Line], refused: list[tuple[int, str]]) -> list[Values]:
    """Read the rows of a file; the lines that are wrong go to `refused`."""
    found, wrong = _read(lines)
    wrong |= rows.clashes(found.items()) | _twice(found)
    refused.extend(sorted(wrong.items()))
    return [values for number, values in found.items() if number not in wrong]


def take_over(listed: list[Values], *, keep_others: bool, by: str, file: str, now: datetime) -> list[str]:
    """Make the rows the next version, in the caller's transaction; return a line for each change.

    `keep_others`: no medicine is taken out of the list, as a refused line would be missing.
    """
    changes = versions.take_over(listed, keep_others=keep_others, by=by, file=file, now=now)
    return [*told(changes), *(["nothing is removed while a line is refused"] if keep_others else [])]


def told(changes: Changes) -> Iterator[str]:
    """Yield a line for each change, and their sum."""
    for values in changes.added:
        yield f"added: {_named(values)}, {_class(values['tele_class'])}"
    for each in changes.changed:
        yield from _different(each)
    for values in changes.removed:
        yield f"removed: {_named(values)}, {_class(values['tele_class'])}"
    version = versions.newest()
    if changes and version:
        classes = sum("tele_class" in each.columns for each in changes.changed)
        yield (
            f"version {version.number}: {len(changes.added)} added, {len(changes.changed)} changed "
            f"({classes} in class), {len(changes.removed)} removed"
        )


def table_of(number: int) -> str:
    """Format a version as the table that is imported; 0 for the one in force. Raises Invalid for an unknown number."""
    newest = versions.newest()
    last = newest.number if newest else 0
    if not 0 <= number <= last or not last:
        raise Invalid({"version": f"There is no version {number} of the formulary; the newest is {last}."})
    lines = io.StringIO()
    writer = csv.DictWriter(lines, FILE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for drug in versions.drugs_of(number or last):
        writer.writerow({column: getattr(drug, column) for column in FILE_COLUMNS} | {"chronic": int(drug.chronic)})
    return lines.getvalue()


def _read(lines: Iterable[Line]) -> tuple[dict[int, Values], dict[int, str]]:
    """Read the lines; what a file has no column for stays as it is, or an old file would take away the brands."""
    there = {versions.key_of(row): rows.cells_of(row) for row in versions.in_force_rows()}
    found: dict[int, Values] = {}
    refused: dict[int, str] = {}
    for line in lines:
        try:
            if line.wrong:
                raise ValueError(line.wrong)
            own = there.get((line.cells["name"], line.cells["form"]), {})
            found[line.number] = rows.values_of({**own, **line.cells})
        except ValueError as reason:
            refused[line.number] = str(reason)
    return found, refused


def _twice(found: dict[int, Values]) -> dict[int, str]:
    first: dict[tuple[object, object], int] = {}
    repeated = {}
    for number, values in found.items():
        line = first.setdefault((values["name"], values["form"]), number)
        if line != number:
            repeated[number] = rows.says_again(line)
    return repeated


def _different(each: Changed) -> Iterator[str]:
    name = f"{each.name} ({each.form})"
    if "tele_class" in each.columns:
        before, after = map(_class, each.columns["tele_class"])
        yield f"CLASS CHANGED: {name}: {before} -> {after}"
    others = [f"{column} {old!r} -> {new!r}" for column, (old, new) in each.columns.items() if column != "tele_class"]
    if others:
        yield f"changed: {name}: {', '.join(others)}"


def _named(values: Values) -> str:
    return f"{values['name']} ({values['form']})"


def _class(text: object) -> str:
    return str(text) or "unclassified"

"""Import of the scheme's register: an upsert per line; wrong lines are reported."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.beneficiaries.register_file import Known, Row, read_register
from portal.core.clinic.models import Centre

BATCH = 400


def import_register(path: Path, today: date) -> tuple[int, list[tuple[int, str]]]:
    """Import a file; return (lines imported, refused lines with reasons). Raises Invalid for an unreadable file.

    Runs inside the caller's transaction. People missing from the file are kept, as visits reference them.
    """
    centres = {row.code: row.id for row in Centre.select()}
    refused: list[tuple[int, str]] = []
    taken = 0
    with path.open("rb") as file:
        rows = _accepted(read_register(file, Known(centres, today)), refused)
        while batch := list(islice(rows, BATCH)):
            _save(batch, centres)
            taken += len(batch)
    return taken, refused


def _accepted(lines: Iterable[tuple[int, Row | list[str]]], refused: list[tuple[int, str]]) -> Iterator[Row]:
    for number, row in lines:
        if isinstance(row, Row):
            yield row
        else:
            refused.append((number, "; ".join(row)))


def _save(batch: list[Row], centres: dict[str, int]) -> None:
    there = RegisterEntry.select(RegisterEntry.ben_id, RegisterEntry.id)
    found = there.where(RegisterEntry.ben_id.in_([row.ben_id for row in batch]))
    known = {entry.ben_id: entry.id for entry in found}
    new = [_values(row, centres) for row in batch if row.ben_id not in known]
    if new:
        RegisterEntry.insert_many(new).execute()
    for row in batch:
        if row.ben_id in known:
            RegisterEntry.update(**_values(row, centres)).where(RegisterEntry.id == known[row.ben_id]).execute()


def _values(row: Row, centres: dict[str, int]) -> dict[str, object]:
    return {
        "ben_id": row.ben_id,
        "name": row.name,
        "name_hi": row.name_hi,
        "gender": row.gender,
        "date_of_birth": row.date_of_birth,
        "mobile": row.mobile,
        "centre": centres[row.centre],
        "has_disability": row.has_disability,
    }

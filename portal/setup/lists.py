"""Lists of the plan: imported once, and again when their file has changed."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from portal.base.errors import Invalid
from portal.config import ConfigError
from portal.core.accounts.models import Staff
from portal.core.accounts.staff import add_staff, change_staff, entry_of, give_code
from portal.core.clinic import holiday_lists
from portal.imports.run import DATA, run_import
from portal.setup.plan import DELIVERED, Lists
from portal.store import private
from portal.store.csv_file import Columns, read_table
from portal.work.audit import SYSTEM

TAKEN = "setup.json"  # in the data folder: what was imported, by its checksum
DOCTOR = ("username", "name", "specialty", "qualification", "registration_number")


def import_lists(lists: Lists, folder: Path, data_dir: Path, *, now: datetime) -> Iterator[str]:
    """Import what is new or changed, and yield a line for each. Raises ConfigError for a file with refused lines."""
    taken = data_dir / TAKEN
    known = json.loads(taken.read_text()) if taken.exists() else {}
    for kind, path in _files(lists, folder, data_dir, now):
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        name = kind if path.name != "own-holidays" else "own holidays"
        if known.get(f"{kind} {path.name}") == checksum:
            yield f"{name}: as they are"
            continue
        report = run_import(kind, path, dry_run=False, now=now)
        if report.refused:
            number, reason = report.refused[0]
            raise ConfigError(f"{path}, line {number}: {reason}. Correct it, and run this again.")
        private.keep(taken, json.dumps(known := known | {f"{kind} {path.name}": checksum}).encode())
        yield f"{name}: {report.taken} taken"


def _files(lists: Lists, folder: Path, data_dir: Path, now: datetime) -> Iterator[tuple[str, Path]]:
    for kind in ("specialties", "centres", "formulary"):
        if chosen := getattr(lists, kind):
            yield kind, DATA / f"{kind}.csv" if chosen == DELIVERED else _there(folder / chosen)
    if lists.holidays == DELIVERED:
        path = data_dir / "holidays.csv"
        private.keep(path, holiday_lists.table_of(now.year, now.year + 1).encode())
        yield "holidays", path
    elif lists.holidays:
        yield "holidays", _there(folder / lists.holidays)
    if lists.own_holidays:
        yield "holidays", _there(folder / lists.own_holidays)
    if lists.register_:
        yield "beneficiaries", _there(folder / lists.register_)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"The plan names {path}, which is not there.")
    return path


def add_doctors(path: Path, *, now: datetime) -> Iterator[str]:
    """Add doctors of a CSV file, each with a one-time code that is told once; change entries that differ."""
    with _there(path).open("rb") as file:
        lines = list(read_table(file, Columns(DOCTOR, others=True)))
    for line in lines:
        if line.wrong:
            raise ConfigError(f"{path}, line {line.number}: {line.wrong}.")
        try:
            yield _doctor(dict(line.cells), now)
        except Invalid as error:
            raise ConfigError(f"{path}, line {line.number}: {'; '.join(error.fields.values())}") from error


def _doctor(cells: dict[str, str], now: datetime) -> str:
    entry = {name: cells.get(name, "") for name in (*DOCTOR[1:], "name_hi", "qualification_hi")}
    known = Staff.get_or_none(Staff.username == cells["username"].lower())
    if known is None:
        code = give_code(add_staff(cells["username"], role="doctor", by=SYSTEM, now=now, **entry), by=SYSTEM, now=now)
        return f"{cells['username']}: added; the code for choosing a password, good for three days, told once: {code}"
    if all(entry_of(known)[name] == value for name, value in entry.items()):
        return f"{cells['username']}: as it is"
    change_staff(known, by=SYSTEM, now=now, **entry)
    return f"{cells['username']}: changed"

"""The demo's register: deterministic fake families, written to a CSV file that is imported."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from portal.core.beneficiaries.register_file import COLUMNS, Row
from portal.store.csv_file import shipped

FAMILY = 3  # husband, wife and an aged parent share a surname and a mobile
CENTRES = 41

_NAMES = Path(__file__).parent / "names.csv"
_SENIOR = date(1950, 1, 1)
_YOUNGER = date(1985, 5, 5)


def demo_rows(count: int) -> Iterator[Row]:
    """Generate the first `count` people of the fake register."""
    return map(_person, range(1, count + 1))


def write_register(path: Path, count: int) -> None:
    """Write the fake register as a CSV file for the import."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS.needed)
        writer.writerows([getattr(row, column) for column in COLUMNS.needed] for row in demo_rows(count))


def _person(number: int) -> Row:
    family = -(-number // FAMILY)
    kind = _kind(number, family)
    surname, surname_hi = _pick("surname", family)
    name, name_hi = _pick(kind, family)
    return Row(
        ben_id=str(1000000 + number),
        name=f"{name} {surname}",
        name_hi=f"{name_hi} {surname_hi}",
        gender="female" if kind in {"wife", "mother"} else "male",
        date_of_birth=_SENIOR if kind in {"father", "mother"} else _YOUNGER,
        mobile=f"+91{9000000000 + family}",
        centre=f"{(number - 1) % CENTRES + 1:02d}",
    )


def _kind(number: int, family: int) -> str:
    parent = "mother" if family % 2 else "father"
    return (parent, "husband", "wife")[number % FAMILY]


def _pick(kind: str, family: int) -> tuple[str, str]:
    """Pick a family's name; the lengths of the lists are coprime, so combinations repeat late."""
    names = _names(kind)
    return names[family % len(names)]


@cache
def _names(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple((row["name"], row["name_hi"]) for row in shipped(_NAMES) if row["kind"] == kind)

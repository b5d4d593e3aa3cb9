"""The tables that are in force in this process. Pure: `versions.refresh` puts in what a site has imported.

A table is barred substances, names of them, one of the five of safety, whose lines cite their source, or one of
diagnoses: the short list and the whole ICD-10, which is delivered empty.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

Rows = Sequence[Mapping[str, str]]
Result = TypeVar("Result")

DATA = Path(__file__).parent.parent / "data"
BARRED, BARRED_NAMES = "barred", "barred_names"
# The columns that make a line another rule.
KEYS: Mapping[str, tuple[str, ...]] = {
    BARRED: ("name",),
    BARRED_NAMES: ("name",),
    "safety_groups": ("name",),
    "safety_doses": ("substance",),
    "safety_pairs": ("rule", "one", "other"),
    "safety_people": ("rule", "medicine", "state"),
    "safety_allergies": ("name",),
    "diagnoses": ("code",),
    "icd10": ("code",),
}


@dataclass(frozen=True)
class InForce:
    """Number of the newest import, 0 for none, and the text of each imported table by its name."""

    number: int = 0
    uid: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


_in_force = InForce()


def install(tables: InForce) -> None:
    """Put imported tables in force in this process."""
    global _in_force
    _in_force = tables


def in_force() -> InForce:
    """Return what is in force in this process."""
    return _in_force


def packaged(name: str) -> str:
    """Return a table as it comes with the portal."""
    return (DATA / f"{name}.csv").read_text("utf-8")


def text_of(name: str) -> str:
    """Return a table that is in force, as CSV."""
    return _in_force.texts.get(name) or packaged(name)


def rows(name: str) -> list[Mapping[str, str]]:
    """Return the lines of a table that is in force."""
    return rows_of(text_of(name))


def rows_of(text: str) -> list[Mapping[str, str]]:
    """Parse a table; it was validated when it was stored."""
    return list(csv.DictReader(io.StringIO(text), strict=True))


def per_version(function: Callable[[], Result]) -> Callable[[], Result]:
    """Cache what is made of the tables, until others are in force."""
    cached = lru_cache(maxsize=2)(lambda _key: function())

    @wraps(function)
    def wrapped() -> Result:
        return cached(key())

    return wrapped


def key() -> tuple[int, str]:
    """Return what a cache of the tables is keyed by: a number counts in one database only."""
    return _in_force.number, _in_force.uid

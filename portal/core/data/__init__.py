"""Lists that come with the portal: sample centres, specialties, formulary (facts after NLEM 2022, S.O. 5249(E)), diagnoses."""

import csv
from pathlib import Path

_FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    """Where a list lies, such as formulary.csv."""
    return _FOLDER / name


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a list, by the names in its first line."""
    with path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))

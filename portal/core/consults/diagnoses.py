"""A short list of diagnoses with their ICD-10 codes, as suggestions."""

import csv
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent.parent / "data" / "diagnoses.csv"


def suggestions(language: str) -> list[tuple[str, str]]:
    """(code, label) of every suggestion in this language."""
    column = "label_hi" if language == "hi" else "label"
    return [(row["code"], row[column] or row["label"]) for row in _rows()]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with LIST.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, strict=True))

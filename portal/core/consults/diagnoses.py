"""Suggested diagnoses with their ICD-10 codes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from portal.store.csv_file import shipped

LIST = Path(__file__).parent.parent / "data" / "diagnoses.csv"


def suggestions(language: str) -> list[tuple[str, str]]:
    """List (code, label) of every suggestion in this language."""
    column = "label_hi" if language == "hi" else "label"
    return [(row["code"], row[column] or row["label"]) for row in _rows()]


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    return tuple(shipped(LIST))

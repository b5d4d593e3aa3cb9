"""What a copy of everything is made of: fields of rows, files with what is told of them, and what is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.core.clinic.models import Specialty

Told = dict[str, Any]


@dataclass(frozen=True)
class PackedFile:
    """A file of the copy: its name there, how to read it, and what the JSON tells of it."""

    name: str
    read: Callable[[], bytes]
    told: Told


def is_left_out(specialty: Specialty | None, *, is_opened: bool) -> bool:
    """Tell whether what is of this specialty stays out: also of a visit under way, which the file would outlive."""
    return bool(specialty and specialty.is_private and not is_opened)


def picked(row: Any, *fields: str) -> Told:
    """Take fields of a row."""
    return {field: getattr(row, field) for field in fields}

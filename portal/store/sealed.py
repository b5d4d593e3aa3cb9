"""Secrets in the database: columns that are encrypted with the newest key and read with any, and the one door to them.

`portal rekey` seals every such column anew: the core's by its list of tables, a plugin's by the hook `sealed_columns`.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import peewee
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from portal.base import keys
from portal.store.db import locked


def seal(purpose: str, text: str) -> str:
    """The text as only we can read it, for what travels through other hands."""
    return _cipher(keys.subkeys(purpose)).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str | None:
    """The text, or None when no key of ours opens it."""
    try:
        return _cipher(keys.subkeys(purpose)).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        return None


class _Sealing(peewee.Field):
    """What both kinds of columns can do. A column's purpose is its own: no key serves two ends."""

    def __init__(self, purpose: str, **options: Any) -> None:
        self.purpose = purpose
        super().__init__(**options)

    def seal(self, text: str) -> str:
        """The text as this column keeps it."""
        return seal(self.purpose, text)

    def unseal(self, sealed: str) -> str | None:
        """The text, or None when no key of ours opens it."""
        return unseal(self.purpose, sealed)

    def rotated(self, sealed: str) -> str | None:
        """The same text sealed by the newest key, or None when no key of ours opens it."""
        try:
            return _cipher(keys.subkeys(self.purpose)).rotate(sealed.encode()).decode()
        except InvalidToken:
            return None


class SealedField(_Sealing, peewee.TextField):
    """A column of one sealed text; empty when there is none."""

    def renewed(self, stored: str) -> tuple[str, int]:
        """The value under the newest key, and how many secrets in it nobody can read any more: those stay."""
        anew = self.rotated(stored) if stored else stored
        return (stored, 1) if anew is None else (anew, 0)


class SealedJSONField(_Sealing, peewee.JSONField):
    """A column of JSON in which some texts are sealed: no schema is needed to tell which."""

    def renewed(self, stored: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """The values under the newest key. What does not look sealed is none of our business."""
        anew = {key: self.rotated(value) if _looks_sealed(value) else value for key, value in stored.items()}
        lost = [key for key, value in anew.items() if value is None and stored[key] is not None]
        return anew | {key: stored[key] for key in lost}, len(lost)


@dataclass(frozen=True)
class Renewed:
    """How many rows were sealed anew, and how many secrets no key opens."""

    rows: int
    unreadable: int


def columns_of(tables: Iterable[type[peewee.Model]]) -> list[SealedField | SealedJSONField]:
    """The sealed columns of these tables."""
    fields = (field for table in tables for field in table._meta.sorted_fields)  # noqa: SLF001 documented by peewee
    return [field for field in fields if isinstance(field, SealedField | SealedJSONField)]


def renew(column: SealedField | SealedJSONField) -> Renewed:
    """Seal every value of a column with the newest key; inside a transaction."""
    table, rows, unreadable = column.model, 0, 0
    for row in locked(table.select()):
        stored = getattr(row, column.name)
        anew, lost = column.renewed(stored)
        unreadable += lost
        if anew != stored:
            rows += table.update({column: anew}).where(table._meta.primary_key == row.get_id()).execute()  # noqa: SLF001
    return Renewed(rows, unreadable)


def _looks_sealed(value: Any) -> bool:
    """Fernet's texts begin with their version, 0x80, and hold 73 bytes at least."""
    return isinstance(value, str) and value.startswith("gAAAA") and len(value) >= 100


@lru_cache(maxsize=64)
def _cipher(ring: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in ring])

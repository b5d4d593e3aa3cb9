"""Encrypted columns (Fernet) with key rotation: written with the newest key, readable with any of the ring.

`portal rekey` re-encrypts every such column: the core's by its list of tables, a plugin's by the hook `sealed_columns`.
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
    """Encrypt a text that is stored or carried by others."""
    return _cipher(keys.subkeys(purpose)).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str | None:
    """Decrypt; None when no key of the ring fits."""
    try:
        return _cipher(keys.subkeys(purpose)).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        return None


class _EncryptedField(peewee.Field):
    """Base of encrypted columns. Each has its own purpose, so no key has two uses."""

    def __init__(self, purpose: str, **options: Any) -> None:
        self.purpose = purpose
        super().__init__(**options)

    def seal(self, text: str) -> str:
        """Encrypt as this column stores it."""
        return seal(self.purpose, text)

    def unseal(self, sealed: str) -> str | None:
        """Decrypt; None when no key of the ring fits."""
        return unseal(self.purpose, sealed)

    def rotated(self, sealed: str) -> str | None:
        """Re-encrypt with the newest key; None when no key of the ring fits."""
        try:
            return _cipher(keys.subkeys(self.purpose)).rotate(sealed.encode()).decode()
        except InvalidToken:
            return None


class SealedField(_EncryptedField, peewee.TextField):
    """A column of one encrypted text; empty when there is none."""

    def renewed(self, stored: str) -> tuple[str, int]:
        """Return the re-encrypted value and the number of unreadable secrets, which stay as they are."""
        anew = self.rotated(stored) if stored else stored
        return (stored, 1) if anew is None else (anew, 0)


class SealedJSONField(_EncryptedField, peewee.JSONField):
    """A JSON column with some encrypted strings, recognised by their form, without a schema."""

    def renewed(self, stored: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Re-encrypt the strings that look encrypted; leave everything else."""
        anew = {key: self.rotated(value) if _looks_sealed(value) else value for key, value in stored.items()}
        lost = [key for key, value in anew.items() if value is None and stored[key] is not None]
        return anew | {key: stored[key] for key in lost}, len(lost)


@dataclass(frozen=True)
class Renewed:
    """Counts: re-encrypted rows, and secrets that no key can decrypt."""

    rows: int
    unreadable: int


def columns_of(tables: Iterable[type[peewee.Model]]) -> list[SealedField | SealedJSONField]:
    """List the encrypted columns of these tables."""
    fields = (field for table in tables for field in table._meta.sorted_fields)  # noqa: SLF001 documented by peewee
    return [field for field in fields if isinstance(field, SealedField | SealedJSONField)]


def renew(column: SealedField | SealedJSONField) -> Renewed:
    """Re-encrypt every value of a column with the newest key; inside a transaction."""
    table, rows, unreadable = column.model, 0, 0
    for row in locked(table.select()):
        stored = getattr(row, column.name)
        anew, lost = column.renewed(stored)
        unreadable += lost
        if anew != stored:
            rows += table.update({column: anew}).where(table._meta.primary_key == row.get_id()).execute()  # noqa: SLF001
    return Renewed(rows, unreadable)


def _looks_sealed(value: Any) -> bool:
    """Fernet tokens begin with their version byte, 0x80, and have at least 73 bytes."""
    return isinstance(value, str) and value.startswith("gAAAA") and len(value) >= 100


@lru_cache(maxsize=64)
def _cipher(ring: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in ring])

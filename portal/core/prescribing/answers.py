"""The answers that a doctor gave for medicines without a class: each name is asked about once."""

from collections.abc import Iterable
from datetime import datetime

from portal.core.accounts.models import Staff
from portal.core.prescribing.models import JudgedName


def answered_by(doctor: Staff) -> frozenset[str]:
    """Return the keys of the names that this doctor has answered for."""
    return frozenset(row.name for row in JudgedName.select(JudgedName.name).where(JudgedName.doctor == doctor))


def keep(doctor: Staff, keys: Iterable[str], now: datetime) -> None:
    """Store that this doctor has answered for these names. Idempotent."""
    for key in keys:
        JudgedName.insert(doctor=doctor, name=key, at=now).on_conflict_ignore().execute()

"""Sign-ins as a process remembers them, so that polls ask no database: a cache, compared with it every 2 s.

It says what `sign_ins.find` says; whoever is not found here is sent there for an answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.accounts.sign_ins import IDLE
from portal.core.db import UTCDateTimeField, database

COMPARE_EVERY = timedelta(seconds=2)  # a ticket must be dead 5 s after its sign-in
FORGET_AFTER = timedelta(seconds=90)
AT_ONCE = 500


@dataclass
class Known:
    """A living sign-in: who, since when without a click, until when."""

    key_hash: str
    account_id: int | None
    staff_id: int | None
    staff_uid: str | None
    specialty_id: int | None
    role: str
    language: str
    seen_at: datetime
    ends_at: datetime
    raw: tuple[Any, ...]
    polled_at: datetime

    def is_idle(self, now: datetime) -> bool:
        """No click for longer than the idle limit."""
        return now - self.seen_at > IDLE["staff" if self.staff_id else "beneficiary"]


class KnownSignIns:
    """The living sign-ins whose pages poll this process."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._compared_at: datetime | None = None

    def get(self, key_hash: str, now: datetime) -> Known | None:
        """A living sign-in this process has met before, or None."""
        known = self._known.get(key_hash)
        if known is None or known.ends_at <= now:
            return None
        known.polled_at = now
        return known

    def meet(self, key_hash: str, now: datetime) -> Known | None:
        """Look a sign-in up in the database; None when it is not living."""
        for raw in _rows([key_hash]):
            self._known[key_hash] = _known(raw, now)
        return self.get(key_hash, now)

    def refresh(self, now: datetime) -> None:
        """Compare everybody with the database, every two seconds; forget who ended or polls no longer."""
        if self._compared_at and abs(now - self._compared_at) < COMPARE_EVERY:
            return
        polling = {key: known for key, known in self._known.items() if now - known.polled_at < FORGET_AFTER}
        rows = {raw[0]: raw for raw in _rows(list(polling))}
        self._known = {key: _compared(polling[key], raw) for key, raw in rows.items()}
        self._compared_at = now


def _compared(known: Known, raw: tuple[Any, ...]) -> Known:
    return known if known.raw == raw else _known(raw, known.polled_at)


def _known(raw: tuple[Any, ...], now: datetime) -> Known:
    key_hash, account_id, staff_id, seen_at, ends_at, spoken, staff_uid, role, specialty_id, staff_language = raw
    return Known(
        key_hash, account_id, staff_id, staff_uid, specialty_id,
        role=role or "beneficiary", language=spoken or staff_language,
        seen_at=_moment(seen_at), ends_at=_moment(ends_at),
        raw=raw, polled_at=now,
    )  # fmt: skip


def _moment(raw: Any) -> datetime:
    """What the driver gave: SQLite gives text."""
    moment = UTCDateTimeField().python_value(raw)
    if moment is None:
        raise ValueError("a sign-in without its times")
    return moment


def _rows(keys: list[str]) -> Iterator[tuple[Any, ...]]:
    """The living ones of these keys, as the database driver gives them: making models of thousands takes too long."""
    outer = peewee.JOIN.LEFT_OUTER
    living = SignIn.ended_at.is_null() & Account.disabled_at.is_null() & Staff.disabled_at.is_null()
    columns = (
        SignIn.key_hash, SignIn.account, SignIn.staff, SignIn.seen_at, SignIn.ends_at,
        Account.language, Staff.uid, Staff.role, Staff.specialty, Staff.language,
    )  # fmt: skip
    query = SignIn.select(*columns).join(Account, outer).switch(SignIn).join(Staff, outer)
    for start in range(0, len(keys), AT_ONCE):
        yield from database.execute(query.where(SignIn.key_hash.in_(keys[start : start + AT_ONCE]) & living)).fetchall()

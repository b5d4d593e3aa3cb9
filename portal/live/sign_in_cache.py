"""A cache of sign-ins in each process, revalidated every second, so that polls need no database query.

It agrees with `sign_ins.find`; a cache miss passes through to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import SKEW
from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.accounts.sign_ins import IDLE, idle_since
from portal.store.db import UTCDateTimeField, database
from portal.store.prepared import Prepared

COMPARE_EVERY = timedelta(seconds=1)  # a ticket must expire within 5 s of its sign-in
CLOCK_MARGIN = timedelta(minutes=5)  # for ends dated by other hosts' clocks
EXPIRE_AFTER = timedelta(seconds=90)
BATCH = 100
MOMENT = UTCDateTimeField()
MANY_MISSES, READ_AHEAD = 50, 1000  # after so many misses in a second (a restart), read so many sign-ins ahead


@dataclass
class CachedSignIn:
    """An active sign-in: who, last click (`seen_at`), expiry."""

    sign_in: str
    key_hash: str
    account_id: int | None
    staff_id: int | None
    staff_uid: str | None
    specialty_id: int | None
    role: str
    language: str
    seen_at: datetime
    ends_at: datetime
    polled_at: datetime
    is_at_kiosk: bool = False

    def is_idle(self, now: datetime) -> bool:
        """Has the idle timeout passed since the last click, or is that in the future? Then Flask decides."""
        limit = IDLE["kiosk" if self.is_at_kiosk else "staff" if self.staff_id else "beneficiary"]
        return now - idle_since(self.seen_at, now) > limit or self.seen_at > now + SKEW


class SignInCache:
    """The active sign-ins whose pages poll this process."""

    def __init__(self) -> None:
        self._entries: dict[str, CachedSignIn] = {}
        self._compared_at: datetime | None = None
        self._misses = 0
        self._read_down_to: int | None = None

    def get(self, key_hash: str, now: datetime) -> CachedSignIn | None:
        """Return a cached active sign-in, None on a miss."""
        known = self._entries.get(key_hash)
        if known is None or known.ends_at <= now:
            return None
        known.polled_at = now
        return known

    def load(self, key_hash: str, now: datetime) -> CachedSignIn | None:
        """Load a sign-in from the database; None when it is not active."""
        self._misses += 1
        if self._misses > MANY_MISSES:
            self._read_ahead(now)
        if key_hash not in self._entries:
            self._store(_rows(SignIn.key_hash == key_hash), now)
        return self.get(key_hash, now)

    def refresh(self, now: datetime) -> None:
        """Every second, drop ended sign-ins and revalidate the BATCH least recently revalidated."""
        if self._compared_at is not None and abs(now - self._compared_at) < COMPARE_EVERY:
            return
        if self._misses <= MANY_MISSES:
            self._read_down_to = None
        self._misses = 0
        for key_hash in _ended(now - CLOCK_MARGIN):
            self._entries.pop(key_hash, None)
        batch = {key: self._entries.pop(key) for key in list(self._entries)[:BATCH]}
        polling = [key for key, known in batch.items() if now - known.polled_at < EXPIRE_AFTER]
        rows = _rows(SignIn.key_hash.in_(polling)) if polling else []
        self._entries |= {raw[0]: _entry(raw, batch[raw[0]].polled_at) for raw in rows}
        self._compared_at = now

    def _read_ahead(self, now: datetime) -> None:
        """Load the newest active sign-ins, page by page: after a restart all pages poll an empty cache at once."""
        below = () if self._read_down_to is None else (SignIn.id < self._read_down_to,)
        keys = SignIn.select(SignIn.id).where(SignIn.ended_at.is_null(), SignIn.ends_at > now, *below)
        page = [row.id for row in keys.order_by(SignIn.id.desc()).limit(READ_AHEAD)]
        if page:
            self._read_down_to = page[-1]
            self._store(
                [raw for raw in _rows(SignIn.id.between(page[-1], page[0])) if raw[0] not in self._entries], now
            )

    def _store(self, rows: Iterable[tuple[Any, ...]], now: datetime) -> None:
        self._entries |= {raw[0]: _entry(raw, now) for raw in rows}


def _entry(raw: tuple[Any, ...], now: datetime) -> CachedSignIn:
    key_hash, account_id, staff_id, seen_at, ends_at, spoken, staff_uid, role, specialty_id, staff_language, *more = raw
    row, kiosk = more
    return CachedSignIn(
        str(row),
        key_hash,
        account_id,
        staff_id,
        staff_uid,
        specialty_id,
        role=role or "beneficiary",
        language=spoken or staff_language,
        seen_at=_moment(seen_at),
        ends_at=_moment(ends_at),
        polled_at=now,
        is_at_kiosk=bool(kiosk),
    )


def _moment(raw: Any) -> datetime:
    """Parse a time from the driver (SQLite returns text)."""
    moment = MOMENT.python_value(raw)
    if moment is None:
        raise ValueError("a sign-in without its times")
    return moment


def _rows(which: peewee.Expression) -> list[tuple[Any, ...]]:
    """Query the active ones of these, as raw driver rows."""
    outer = peewee.JOIN.LEFT_OUTER
    living = SignIn.ended_at.is_null() & Account.disabled_at.is_null() & Staff.disabled_at.is_null()
    columns = (
        SignIn.key_hash,
        SignIn.account,
        SignIn.staff,
        SignIn.seen_at,
        SignIn.ends_at,
        Account.language,
        Staff.uid,
        Staff.role,
        Staff.specialty,
        Staff.language,
        SignIn.id,
        SignIn.kiosk,
    )
    query = SignIn.select(*columns).join(Account, outer).switch(SignIn).join(Staff, outer)
    return list(database.execute(query.where(which & living)).fetchall())


@Prepared
def _ended_since(since: object) -> peewee.Select:
    return SignIn.select(SignIn.key_hash).where(SignIn.ended_at > since)


@Prepared
def _accounts_disabled_since(since: object) -> peewee.Select:
    return SignIn.select(SignIn.key_hash).join(Account).where(Account.disabled_at > since)


@Prepared
def _staff_disabled_since(since: object) -> peewee.Select:
    return SignIn.select(SignIn.key_hash).join(Staff).where(Staff.disabled_at > since)


def _ended(since: datetime) -> list[str]:
    """Return keys of sign-ins ended, or of people disabled, since: three index look-ups."""
    queries = (_ended_since, _accounts_disabled_since, _staff_disabled_since)
    return [key_hash for query in queries for (key_hash,) in query.raw(since)]

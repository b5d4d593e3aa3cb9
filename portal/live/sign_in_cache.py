"""Sign-ins as a process remembers them, so that polls ask no database: a cache, compared with it all the time.

It says what `sign_ins.find` says; whoever is not found here is sent there for an answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import SKEW
from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.accounts.sign_ins import IDLE, last_sign
from portal.store.db import UTCDateTimeField, database
from portal.store.prepared import Prepared

COMPARE_EVERY = timedelta(seconds=1)  # a ticket must be dead 5 s after its sign-in
LOOK_BACK = timedelta(minutes=5)  # for ends that other hosts' clocks dated
FORGET_AFTER = timedelta(seconds=90)
AT_ONCE = 100
MOMENT = UTCDateTimeField()
CROWD, AHEAD = 50, 1000  # so many strangers in a second, and so many more are read at once: everybody is coming back


@dataclass
class Known:
    """A living sign-in: who, since when without a click, until when."""

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

    def is_idle(self, now: datetime) -> bool:
        """No click for longer than the idle limit, or one of the future: then the database is asked."""
        limit = IDLE["staff" if self.staff_id else "beneficiary"]
        return now - last_sign(self.seen_at, now) > limit or self.seen_at > now + SKEW


class KnownSignIns:
    """The living sign-ins whose pages poll this process."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._compared_at: datetime | None = None
        self._strangers = 0
        self._read_down_to: int | None = None

    def get(self, key_hash: str, now: datetime) -> Known | None:
        """A living sign-in this process has met before, or None."""
        known = self._known.get(key_hash)
        if known is None or known.ends_at <= now:
            return None
        known.polled_at = now
        return known

    def meet(self, key_hash: str, now: datetime) -> Known | None:
        """Look a sign-in up in the database; None when it is not living."""
        self._strangers += 1
        if self._strangers > CROWD:
            self._read_ahead(now)
        if key_hash not in self._known:
            self._keep(_rows(SignIn.key_hash == key_hash), now)
        return self.get(key_hash, now)

    def refresh(self, now: datetime) -> None:
        """Every second: drop who has ended, and compare the hundred longest not compared, in turns."""
        if self._compared_at is not None and abs(now - self._compared_at) < COMPARE_EVERY:
            return
        if self._strangers <= CROWD:
            self._read_down_to = None
        self._strangers = 0
        for key_hash in _ended(now - LOOK_BACK):
            self._known.pop(key_hash, None)
        batch = {key: self._known.pop(key) for key in list(self._known)[:AT_ONCE]}
        polling = [key for key, known in batch.items() if now - known.polled_at < FORGET_AFTER]
        rows = _rows(SignIn.key_hash.in_(polling)) if polling else []
        self._known |= {raw[0]: _known(raw, batch[raw[0]].polled_at) for raw in rows}
        self._compared_at = now

    def _read_ahead(self, now: datetime) -> None:
        """After a restart nobody is known, and all pages come at once: the newest living sign-ins, page by page."""
        below = () if self._read_down_to is None else (SignIn.id < self._read_down_to,)
        keys = SignIn.select(SignIn.id).where(SignIn.ended_at.is_null(), SignIn.ends_at > now, *below)
        page = [row.id for row in keys.order_by(SignIn.id.desc()).limit(AHEAD)]
        if page:
            self._read_down_to = page[-1]
            self._keep([raw for raw in _rows(SignIn.id.between(page[-1], page[0])) if raw[0] not in self._known], now)

    def _keep(self, rows: Iterable[tuple[Any, ...]], now: datetime) -> None:
        self._known |= {raw[0]: _known(raw, now) for raw in rows}


def _known(raw: tuple[Any, ...], now: datetime) -> Known:
    key_hash, account_id, staff_id, seen_at, ends_at, spoken, staff_uid, role, specialty_id, staff_language, row = raw
    return Known(
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
    )


def _moment(raw: Any) -> datetime:
    """What the driver gave: SQLite gives text."""
    moment = MOMENT.python_value(raw)
    if moment is None:
        raise ValueError("a sign-in without its times")
    return moment


def _rows(which: peewee.Expression) -> list[tuple[Any, ...]]:
    """The living ones of these, as the database driver gives them."""
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
    """The sign-ins that somebody has ended, or whose person was disabled: three looks into an index."""
    looks = (_ended_since, _accounts_disabled_since, _staff_disabled_since)
    return [key_hash for look in looks for (key_hash,) in look.raw(since)]

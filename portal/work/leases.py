"""Leases: the right to work on a row for a while, and retries with back-off for a row whose try failed.

A work table has `lease_until` and `tries`, and mostly `next_at` (without it, the lease itself lasts until the retry). A
row is leased by compare-and-set, so it has one holder at a time; the lease of a holder that dies expires. Work must be
idempotent: a slow holder may finish beside the next one, and the first result counts.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

import peewee

from portal.store.db import BaseModel, claim
from portal.work import jobs

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class BackOff:
    """Exponential back-off: `first` seconds, doubled with each further failure, at most `longest`.

    after(n) = min(first · 2^(n-1), longest) · (1 + spread · u), where u is random in [0, 1): jitter, so that what
    failed together is not retried together. The first `at_once` failures are retried at once and not counted.
    """

    first: float
    longest: float
    spread: float = 0.0
    at_once: int = 0

    def after(self, tries: int) -> timedelta:
        """Return the back-off after so many failed tries."""
        if 0 < tries <= self.at_once:
            return timedelta()
        wait = min(self.first * 2.0 ** min(tries - self.at_once - 1, 60), self.longest)
        return timedelta(seconds=wait * (1 + self.spread * secrets.randbelow(1000) / 1000))


class Leases(Generic[Row]):
    """The leases of one table.

    `is_open`: condition of rows with work left; `is_held`: of rows that can be finished (default: all open ones);
    `taken`: changes that mark a row as leased; `most`: maximum of tries (0: its owner decides); `counts_taking`: a try
    counts when it begins, so that one that kills its process counts too; else when it failed; `at_stop`: release the
    leases when the worker stops, for work that another can do meanwhile.
    """

    def __init__(
        self,
        table: type[Row],
        lasts: timedelta,
        back_off: BackOff,
        *,
        is_open: peewee.Expression,
        is_held: peewee.Expression | None = None,
        taken: Mapping[str, object] | None = None,
        most: int = 0,
        counts_taking: bool = True,
        at_stop: bool = False,
    ) -> None:
        self._table: Any = table
        self._lasts, self._back_off, self._most = lasts, back_off, most
        self._is_open, self._is_held = is_open, is_open if is_held is None else is_held
        self._taken, self._counts_taking = dict(taken or {}), counts_taking
        self._next_at = self._table._meta.fields.get("next_at")  # noqa: SLF001 documented by peewee
        self._mine: dict[int, Row] | None = {} if at_stop else None  # leases of this process
        self._lock = Lock()
        if at_stop:
            jobs.at_stop(self.give_back_all)

    def waiting(self, now: datetime) -> peewee.Expression:
        """Condition of rows that may be leased now: open, not leased, due."""
        return self._is_open & self._is_free(now)

    def take(self, row_id: int, now: datetime) -> Row | None:
        """Lease a row and return it as it is now; None when it has no work left or another lease."""
        if not self._claim(row_id, now):
            return None
        row: Row | None = self._table.get_or_none(self._table.id == row_id)
        return row if row is None else self._keep(row)

    def claim(self, row: Row, now: datetime) -> bool:
        """Lease a row that was just read (compare-and-set on `tries`). False when it is leased, or was meanwhile."""
        mine: Any = row
        if not self._claim(mine.id, now, self._table.tries == mine.tries):
            return False
        mine.lease_until, mine.tries = now + self._lasts, mine.tries + self._counts_taking
        self._keep(row)
        return True

    def is_dead(self, row: Row, now: datetime) -> bool:
        """Is it out of retries, and not leased?"""
        mine: Any = row
        return bool(self._most and mine.tries >= self._most and (mine.lease_until is None or mine.lease_until < now))

    def done(self, row: Row, **changes: object) -> bool:
        """Store the result, also after the lease has expired. False when the row was done or withdrawn before."""
        self._forget(row)
        return claim(self._table.update(lease_until=None, **changes).where((self._table.id == row.id) & self._is_held))

    def later(
        self, row: Row, now: datetime, *, counted: bool = True, at: datetime | None = None, **changes: object
    ) -> datetime:
        """Release the lease and schedule a retry after the back-off, or `at` a moment. Returns when.

        `counted`: the failure was the row's own fault. Does nothing when the lease expired and another holds the row.
        """
        self._forget(row)
        mine: Any = row
        tries = mine.tries + counted - self._counts_taking
        again = at or now + self._back_off.after(tries)
        when = {"lease_until": again} if self._next_at is None else {"lease_until": None, "next_at": again}
        is_own = (self._table.id == row.id) & self._is_held & (self._table.lease_until == mine.lease_until)
        claim(self._table.update(tries=tries, **when, **changes).where(is_own))
        return again

    @contextmanager
    def giving_back(self, row: Row, now: datetime) -> Iterator[None]:
        """Release the lease with back-off when the body raises, and re-raise."""
        try:
            yield
        except BaseException:
            self.later(row, now)
            raise

    def give_back_all(self) -> None:
        """Release every lease of this process, as if it had never been taken."""
        with self._lock:
            rows: list[Any] = list((self._mine or {}).values())
        for row in rows:
            self.later(row, row.lease_until, counted=False, at=row.lease_until - self._lasts)

    def _is_free(self, now: datetime) -> peewee.Expression:
        free: peewee.Expression = self._table.lease_until.is_null() | (self._table.lease_until < now)
        if self._next_at is None:
            return free
        due: peewee.Expression = self._next_at <= now
        return free & (due | self._next_at.is_null()) if self._next_at.null else free & due

    def _claim(self, row_id: int, now: datetime, as_read: peewee.Expression | None = None) -> bool:
        changes: dict[str, Any] = {"lease_until": now + self._lasts, **self._taken}
        mine = (self._table.id == row_id) & self.waiting(now)
        if self._counts_taking:
            changes["tries"] = self._table.tries + 1
        if self._most:
            mine &= self._table.tries < self._most
        if as_read is not None:
            mine &= as_read
        return claim(self._table.update(**changes).where(mine))

    def _keep(self, row: Row) -> Row:
        if self._mine is not None:
            with self._lock:
                self._mine[row.id] = row
        return row

    def _forget(self, row: Row) -> None:
        if self._mine is not None:
            with self._lock:
                self._mine.pop(row.id, None)

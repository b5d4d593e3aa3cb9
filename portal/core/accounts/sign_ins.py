"""Sign-ins of browsers: started, found, ended. Idle and absolute timeouts of safety.md S28."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import peewee
from flask_login import UserMixin

from portal.base import clock, language
from portal.base.errors import NotAllowed, Unavailable
from portal.base.keys import fingerprint
from portal.core.accounts.models import Account, SignIn, Staff
from portal.keeping.generation import after_restore
from portal.store.db import claim, write
from portal.store.prepared import Prepared
from portal.store.wait_budget import waits
from portal.work import audit, jobs
from portal.work.audit import Actor

IDLE = {"beneficiary": timedelta(minutes=30), "staff": timedelta(minutes=15), "kiosk": timedelta(minutes=2)}
ABSOLUTE = {"beneficiary": timedelta(hours=12), "staff": timedelta(hours=10), "kiosk": timedelta(hours=2)}
REMEMBERED = timedelta(days=1)  # after it expires, for an open form
KEPT = timedelta(days=365)  # logs of access are kept one year (DPDP Rules 2025, rule 6)
TOUCH_EVERY = {"beneficiary": timedelta(seconds=60), "staff": timedelta(seconds=60), "kiosk": timedelta(seconds=10)}
UNDER_WAY = timedelta(seconds=30)  # the longest wait of a page for an answer
_steps = clock.Steps()

Busy = Callable[[SignIn], bool]
_busy: list[Busy] = []


def keeps_signed_in(function: Busy) -> Busy:
    """Register a function that exempts a sign-in from the idle timeout while somebody is busy."""
    _busy.append(function)
    return function


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """Who is signed in: an account (beneficiary) or a member of staff."""

    key: str
    row: SignIn
    account: Account | None
    staff: Staff | None

    def get_id(self) -> str:
        """Return what Flask-Login stores in the cookie."""
        return self.key

    @property
    def role(self) -> str:
        """The role of this sign-in."""
        return str(self.staff.role) if self.staff else "beneficiary"

    @property
    def lacks_factor(self) -> bool:
        """Is it a member of staff who has no second factor yet?"""
        return self.staff is not None and not self.staff.totp_secret

    @property
    def ticket_name(self) -> str:
        """The name of this sign-in in tickets of live pages.

        Not its key: a step-up replaces that, while pages in other windows go on polling.
        """
        return str(self.row.id)

    @property
    def ends_at(self) -> datetime:
        """The absolute expiry."""
        return cast(datetime, self.row.ends_at)

    @property
    def actor(self) -> Actor:
        """This person as the actor of events and audit."""
        return (
            Actor("staff", self.staff.uid) if self.staff else Actor("account", str(self.account and self.account.uid))
        )

    @property
    def display_name(self) -> str:
        """The name for the top bar: staff in the current language, beneficiaries by their number in groups."""
        if self.staff:
            return language.in_language(self.staff)
        national = str(self.account and self.account.mobile).removeprefix("+91")
        return f"{national[:5]} {national[5:]}"

    @property
    def language(self) -> str:
        """The language stored for this person."""
        return str(self.staff.language) if self.staff else str(self.account and self.account.language)


def start(*, account: Account | None = None, staff: Staff | None = None, now: datetime) -> SignedIn:
    """Start a sign-in with a random key, of which only the fingerprint is stored."""
    key = secrets.token_urlsafe(24)
    with write():
        row = SignIn.create(
            key_hash=fingerprint(key),
            account=account,
            staff=staff,
            created_at=now,
            seen_at=now,
            stepped_up_at=now,
            ends_at=now + ABSOLUTE["staff" if staff else "beneficiary"],
        )
    return SignedIn(key, row, account, staff)


@Prepared
def _by_key(key_hash: object) -> peewee.Select:
    outer = peewee.JOIN.LEFT_OUTER
    whole = SignIn.select(SignIn, Account, Staff).join(Account, outer).switch(SignIn).join(Staff, outer)
    return whole.where(SignIn.key_hash == key_hash)


def find(key: str, *, now: datetime, background: bool = False, kiosk: str = "") -> SignedIn | None:
    """Find the active sign-in of a key, begun at this kiosk if any, or None. A foreground request touches it."""
    row = _by_key.first(fingerprint(key))
    if row is None or row.ended_at or row.ends_at <= now or row.kiosk != kiosk:
        return None
    person = row.account or row.staff
    if person is None or person.disabled_at or _idle_too_long(row, now):
        return None
    if row.seen_at > now + clock.SKEW:
        _clamp_to_clock(row, now)
    elif not background and now - row.seen_at > TOUCH_EVERY[kind_of(row)]:
        _touches.write(row.id, now)
        row.seen_at = now
    return SignedIn(key, row, row.account, row.staff)


def is_known(key: str, *, now: datetime) -> bool:
    """Is this the key of a sign-in, active or expired within REMEMBERED, of somebody who is not disabled?"""
    row = _by_key.first(fingerprint(key))
    person = (row.account or row.staff) if row else None
    return bool(row and person and not person.disabled_at and row.ends_at > now - REMEMBERED)


def idle_since(seen_at: datetime, now: datetime) -> datetime:
    """Return since when a sign-in is idle: not before the clock was last set, as older times cannot be compared."""
    return max(seen_at, _steps.last(now) or seen_at)


class _TouchBatch:
    """Touches of sign-ins, group-committed: one transaction for all that arrive while the previous one commits.

    Whoever fills in a form for a minute touches the sign-in with it. In a rush that is everybody, and a transaction
    each would double the time at the write lock. (decision 0008)
    """

    def __init__(self) -> None:
        self._pending: dict[int, datetime] = {}
        self._lock = threading.Lock()

    def write(self, row_id: int, now: datetime) -> None:
        """Write a touch, and return when it is committed. Raises Unavailable on timeout."""
        self._pending[row_id] = now
        try:
            with waits.one() as seconds:
                taken_lock = self._lock.acquire(timeout=seconds)
            if not taken_lock:
                raise Unavailable(retry_after=2)
            try:
                if row_id in self._pending:
                    self._write_all()
            finally:
                self._lock.release()
        finally:
            self._pending.pop(row_id, None)

    def _write_all(self) -> None:
        with write():
            batch = self._pending.copy()  # inside the gate: more have arrived meanwhile
            SignIn.update(seen_at=max(batch.values())).where(SignIn.id.in_(list(batch))).execute()
        for row_id in batch:
            self._pending.pop(row_id, None)


_touches = _TouchBatch()


def lasts(row: SignIn, now: datetime) -> int:
    """Return the seconds until an active sign-in expires without a touch."""
    left = row.ends_at - now
    if not _is_busy(row):
        left = min(left, idle_since(row.seen_at, now) + IDLE[kind_of(row)] - now)
    return max(0, int(left.total_seconds()))


def why_over(key: str, *, now: datetime) -> str:
    """Return why the sign-in of a key is over: `idle`, `long` (absolute timeout), `ended` by somebody, or ""."""
    row = _by_key.first(fingerprint(key))
    if row is None or (row.account or row.staff) is None:
        return ""
    if row.ended_at or (row.account or row.staff).disabled_at:
        return "ended"
    if row.ends_at <= now:
        return "long"
    return "idle" if _idle_too_long(row, now) else ""


def was_staff(key: str) -> bool:
    """Was it a sign-in of staff, active or not?"""
    row = _by_key.first(fingerprint(key))
    return row is not None and row.staff_id is not None


def renew(signed_in: SignedIn, *, now: datetime) -> SignedIn:
    """Give a sign-in a new key after a step-up, and invalidate the old one (S26).

    The old key stays as an ended row, so that every process evicts it. Raises NotAllowed when the sign-in is over.
    """
    key, row = secrets.token_urlsafe(24), signed_in.row
    times = {"created_at": row.created_at, "seen_at": row.seen_at, "ends_at": row.ends_at}
    with write():
        change = SignIn.update(key_hash=fingerprint(key), stepped_up_at=now, seen_at=now)
        if not claim(change.where((SignIn.id == row.id) & SignIn.ended_at.is_null())):
            raise NotAllowed
        SignIn.create(
            key_hash=row.key_hash,
            account=signed_in.account,
            staff=signed_in.staff,
            stepped_up_at=now,
            ended_at=now,
            **times,
        )
    return SignedIn(key, SignIn.get_by_id(row.id), signed_in.account, signed_in.staff)


def is_renewed(key: str, *, now: datetime) -> bool:
    """Was this key renewed a moment ago? Requests in flight then are not a stranger's."""
    row = _by_key.first(fingerprint(key))
    is_one = row is not None and row.created_at < row.stepped_up_at == row.ended_at
    return is_one and now - row.ended_at < UNDER_WAY


def end(signed_in: SignedIn, *, now: datetime) -> None:
    """End this sign-in on the server: a saved cookie is invalid."""
    with write():
        SignIn.update(ended_at=now).where(SignIn.id == signed_in.row.id).execute()
        audit.note("SignedOut", signed_in.actor.uid, by=signed_in.actor, now=now)


def end_row(row_id: int, *, now: datetime) -> None:
    """End a sign-in that is replaced by another."""
    SignIn.update(ended_at=now).where((SignIn.id == row_id) & SignIn.ended_at.is_null()).execute()


def end_all(
    *, staff: Staff | None = None, account: Account | None = None, but: SignIn | None = None, now: datetime
) -> None:
    """End every sign-in of a person or account, but one."""
    whose = (SignIn.staff == staff) if staff else (SignIn.account == account)
    whose &= SignIn.id != (but.id if but else 0)
    SignIn.update(ended_at=now).where(whose & SignIn.ended_at.is_null()).execute()


def of_staff(staff: Staff, now: datetime) -> list[SignIn]:
    """List the valid sign-ins of a member of staff, the last used first."""
    valid = (SignIn.staff == staff) & SignIn.ended_at.is_null() & (SignIn.ends_at > now)
    return [row for row in SignIn.select().where(valid).order_by(SignIn.seen_at.desc()) if not _idle_too_long(row, now)]


@after_restore
def end_everybody(now: datetime) -> None:
    """End all sign-ins: one of them may have been ended after the backup."""
    SignIn.update(ended_at=now).where(SignIn.ended_at.is_null()).execute()


@jobs.sweep(every=60)
def sweep_sign_ins(now: datetime) -> None:
    """Delete sign-ins KEPT after their absolute expiry, a few at a time."""
    old = SignIn.select(SignIn.id).where(SignIn.ends_at < now - KEPT).order_by(SignIn.ends_at).limit(2000)
    SignIn.delete().where(SignIn.id.in_(old)).execute()


def _clamp_to_clock(row: SignIn, now: datetime) -> None:
    """Clamp a sign-in's times after the clock was set back: future ones would prolong it."""
    row.seen_at, row.ends_at = now, min(row.ends_at, now + ABSOLUTE[kind_of(row)])
    with write():
        SignIn.update(seen_at=row.seen_at, ends_at=row.ends_at).where(SignIn.id == row.id).execute()


def kind_of(row: SignIn) -> str:
    """Return by which limits a sign-in ends: a kiosk's are short, whoever signs in there."""
    return "kiosk" if row.kiosk else "staff" if row.staff_id else "beneficiary"


def _idle_too_long(row: SignIn, now: datetime) -> bool:
    return now - idle_since(row.seen_at, now) > IDLE[kind_of(row)] and not _is_busy(row)


def _is_busy(row: SignIn) -> bool:
    return any(function(row) for function in _busy)

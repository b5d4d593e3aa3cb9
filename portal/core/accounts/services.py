"""Signing in: beneficiaries by OTP, staff by password and, where set, a second factor. Tries are rate-limited."""

from collections.abc import Callable
from datetime import datetime, timedelta

from portal.base import typed
from portal.base.crash import crashpoint
from portal.base.errors import Invalid, NotAllowed, TooMany
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.core.accounts import credentials, otp, second_factor, sign_ins
from portal.core.accounts.models import (
    Account,
    AccountSignedIn,
    OtpChallenge,
    Staff,
    StaffSignedIn,
    StaffSignInRefused,
    StaffSteppedUp,
    account_of,
)
from portal.core.accounts.passkeys import keys
from portal.core.accounts.passkeys.models import AccountPasskey
from portal.core.accounts.sign_ins import SignedIn
from portal.core.accounts.staff import USERNAME
from portal.store.db import write
from portal.work import throttle
from portal.work.audit import NOBODY, Actor
from portal.work.events import record
from portal.work.throttle import Attempt

WRONG_TRIES, WINDOW = 5, timedelta(minutes=15)
WRONG_TRIES_ANYWHERE = 50  # of one user from all networks; of one network before it is throttled
NETWORK_PACE = timedelta(seconds=5)


def sign_in_by_code(uid: str, code: str, address: str, *, device: str = "", language: str, now: datetime) -> SignedIn:
    """Sign in by OTP: check and sign-in are one transaction. Raises Invalid on `otp`."""
    with write():
        verdict = otp.check(uid, code, address, device=device, now=now)
        crashpoint("accounts.code_checked")
        begun = _begin(verdict.proven, device, language, now) if verdict.proven else None
    if begun is None:  # after the commit, so that the try stays counted
        closed = _("This account is closed. Please call the helpline.")
        raise Invalid({"otp": closed if verdict.proven else verdict.refusal})
    return begun


def name_of(username: str) -> str:
    """Normalise a user name; "?" for everything that cannot be one."""
    name = username.strip().lower()
    return name if USERNAME.fullmatch(name) else "?"


def check_password(username: str, password: str, address: str, *, device: str = "", now: datetime) -> Staff:
    """Check a password, in the same time for an unknown name. Raises Invalid or TooMany.

    A known device has a rate limit of its own, so that strangers lock nobody out (S23).
    """
    name, network = name_of(username), throttle.network(address)
    limits = {f"staff:{name}#{device}": WRONG_TRIES}
    if not device:
        _require_network(network, now)
        limits = {f"staff:{name}@{network}": WRONG_TRIES, f"staff:{name}": WRONG_TRIES_ANYWHERE}
    tries = spend_tries(limits, now)
    if not device:
        tries.append(throttle.begin(_network_bucket(network), now=now))
    staff: Staff | None = Staff.get_or_none((Staff.username == name) & Staff.disabled_at.is_null())
    given = credentials.plain_code(password) if staff and staff.choose_until else password
    if credentials.is_right(given, staff.password_hash if staff else None) and staff:
        throttle.give_back(tries)
        if staff.choose_until and staff.choose_until <= now:
            raise Invalid({"": _("This code is over. Please ask an administrator for a new one.")})
        return staff
    _refused(tries, staff.uid if staff else "unknown", now)
    raise Invalid({"": _("User name and password do not fit together.")})


def check_own_password(signed_in: SignedIn, password: str, address: str, *, device: str = "", now: datetime) -> None:
    """Check the password of somebody who is signed in. Raises Invalid on `current`, or TooMany."""
    if signed_in.staff is None:
        raise NotAllowed
    try:
        check_password(signed_in.staff.username, password, address, device=device, now=now)
    except Invalid as error:
        raise Invalid({"current": _("This is not your present password.")}) from error


def check_code(staff: Staff, code: str, *, device: str = "", now: datetime) -> None:
    """Check the second factor; each code is accepted once. Raises Invalid on `code`, or TooMany."""
    tries = _spend_factor_tries(staff, device, now)
    if not (_is_code_of_app(staff, code, now) or second_factor.spend_recovery_code(staff, code, now=now)):
        _refused(tries, staff.uid, now)
        raise Invalid({"code": _("This code is not right. Take the one your app shows now.")})
    throttle.give_back(tries)


def check_passkey(staff: Staff, answer: str, challenge: str, origin: str, *, device: str = "", now: datetime) -> None:
    """Check what a passkey has signed in place of a code. Raises Invalid on `code`, or TooMany."""
    tries = _spend_factor_tries(staff, device, now)
    if not (
        keys.is_proven(staff, answer, challenge, origin, now=now)
        and is_first(f"passkey-used:{fingerprint(challenge)}", now)
    ):
        _refused(tries, staff.uid, now)
        raise Invalid({"code": _("The passkey did not fit. Try it once more, or type a code.")})
    throttle.give_back(tries)


def step_up(signed_in: SignedIn, check: Callable[[Staff], None], *, now: datetime) -> SignedIn:
    """Check the second factor again, by `check`, and renew the key of the sign-in. Raises what `check` raises."""
    staff = signed_in.staff
    if staff is None or not staff.totp_secret:
        raise NotAllowed
    check(staff)
    with write():
        record(StaffSteppedUp(), staff.uid, by=signed_in.actor, now=now)
        return sign_ins.renew(signed_in, now=now)


def known_as(person: SignedIn) -> str:
    """Return the name under which known devices store a person."""
    return f"staff:{person.staff.username}" if person.staff else str(person.account and person.account.mobile)


def sign_in_staff(staff: Staff, *, now: datetime) -> SignedIn:
    """Start the sign-in of a member of staff whose factors have been checked."""
    with write():
        record(StaffSignedIn(), staff.uid, by=Actor("staff", staff.uid), now=now)
        return sign_ins.start(staff=staff, now=now)


def _begin(proven: OtpChallenge, device: str, language: str, now: datetime) -> SignedIn | None:
    """Start the sign-in of a proven challenge, creating its account if new; None when the account is closed.

    On a retry the sign-in begun before by the same code ends: its answer was lost (S14).
    """
    account = account_of(proven.mobile, language, now=now)
    account.language = language
    account.save(only=("language",))
    if account.disabled_at:
        return None
    if proven.sign_in_id:
        sign_ins.end_row(proven.sign_in_id, now=now)
    record(AccountSignedIn(), account.uid, by=Actor("account", account.uid), now=now)
    _prove_again(account, device, now)
    begun = sign_ins.start(account=account, now=now)
    OtpChallenge.update(sign_in=begun.row).where(OtpChallenge.id == proven.id).execute()
    return begun


def _prove_again(account: Account, device: str, now: datetime) -> None:
    """Note that an OTP has reached the mobile in this browser: the lock of its phone is good for longer."""
    if device:
        mine = (AccountPasskey.account == account) & (AccountPasskey.device == device)
        AccountPasskey.update(proven_at=now).where(mine).execute()


def _network_bucket(network: str) -> str:
    return f"staff-from:{network}"


def _require_network(network: str, now: datetime) -> None:
    free = WRONG_TRIES_ANYWHERE
    wait = throttle.wait(_network_bucket(network), free=free, within=WINDOW, pace=NETWORK_PACE, now=now)
    if wait:
        sentence = _(
            "Very many people are signing in from your network. Please try again in %(wait)s seconds.", wait=wait
        )
        raise TooMany(sentence, retry_after=wait)


def _spend_factor_tries(staff: Staff, device: str, now: datetime) -> list[Attempt]:
    return spend_tries({f"totp:{staff.uid}#{device}" if device else f"totp:{staff.uid}": WRONG_TRIES}, now)


def spend_tries(limits: dict[str, int], now: datetime) -> list[Attempt]:
    """Count a try before comparing, so that parallel guesses cannot share one."""
    with write():
        if any(throttle.count(bucket, within=WINDOW, now=now) >= limit for bucket, limit in limits.items()):
            raise TooMany(_("Too many attempts. Please wait 15 minutes, or ask the administrator."), retry_after=900)
        return [throttle.begin(bucket, now=now) for bucket in limits]


def _refused(tries: list[Attempt], uid: str, now: datetime) -> None:
    with write():
        throttle.decide(tries)
        record(StaffSignInRefused(), uid, by=NOBODY, now=now)


def _is_code_of_app(staff: Staff, code: str, now: datetime) -> bool:
    step = credentials.step_of(staff.totp_secret, typed.code(code), now) if staff.totp_secret else None
    return step is not None and is_first(f"totp-used:{staff.uid}:{step}", now)


def is_first(bucket: str, now: datetime) -> bool:
    """Spend what is good once; False when it was spent within WINDOW."""
    with write():
        if throttle.count(bucket, within=WINDOW, now=now):
            return False
        throttle.hit(bucket, now=now)
    return True

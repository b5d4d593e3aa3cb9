"""Signing in: beneficiaries by a proven mobile, staff by password and, where one is set, a second factor."""

from datetime import datetime, timedelta

from portal.core.accounts import passwords, sign_ins, throttle, totp
from portal.core.accounts.models import Account, Attempt, Staff
from portal.core.accounts.sign_ins import SignedIn
from portal.core.accounts.staff import USERNAME
from portal.core.audit import NOBODY, Actor
from portal.core.db import write
from portal.core.errors import Invalid, TooMany
from portal.core.events import record
from portal.core.language import gettext as _

WRONG_TRIES, WINDOW = 5, timedelta(minutes=15)
WRONG_TRIES_ANYWHERE = 50  # of one user from all networks, or of one network with all users


def sign_in_account(mobile: str, *, language: str, now: datetime) -> SignedIn:
    """Sign in the account of a proven mobile, made at its first sign-in. It keeps the language spoken now.

    Raises Invalid on `otp` when the account is closed.
    """
    with write():
        Account.insert(mobile=mobile, language=language, created_at=now).on_conflict_ignore().execute()
        Account.update(language=language).where(Account.mobile == mobile).execute()
        account = Account.get(Account.mobile == mobile)
        if account.disabled_at:
            raise Invalid({"otp": _("This account is closed. Please call the helpline.")})
        record("AccountSignedIn", account.uid, by=Actor("account", account.uid), now=now)
        return sign_ins.start(account=account, now=now)


def check_password(username: str, password: str, address: str, *, now: datetime) -> Staff:
    """The member of staff whose password this is. Raises Invalid or TooMany; takes as long for an unknown name."""
    name = username.lower() if USERNAME.fullmatch(username.lower()) else "?"
    network = throttle.network(address)
    limits = {f"staff:{name}@{network}": WRONG_TRIES}
    limits |= dict.fromkeys((f"staff:{name}", f"staff-from:{network}"), WRONG_TRIES_ANYWHERE)
    tries = _spend_tries(limits, now)
    staff: Staff | None = Staff.get_or_none((Staff.username == name) & Staff.disabled_at.is_null())
    if passwords.is_right(password, staff.password_hash if staff else None) and staff:
        throttle.give_back(tries)
        return staff
    record("StaffSignInRefused", staff.uid if staff else "unknown", by=NOBODY, now=now)
    raise Invalid({"": _("User name and password do not fit together.")})


def check_code(staff: Staff, code: str, *, now: datetime) -> None:
    """The second factor, each code once. Raises Invalid on `code`, or TooMany."""
    tries = _spend_tries({f"totp:{staff.uid}": WRONG_TRIES}, now)
    step = totp.step_of(staff.totp_secret, "".join(code.split()), now)
    if step is None or not _is_first_use(staff, step, now):
        record("StaffSignInRefused", staff.uid, by=NOBODY, now=now)
        raise Invalid({"code": _("This code is not right. Take the one your app shows now.")})
    throttle.give_back(tries)


def sign_in_staff(staff: Staff, *, now: datetime) -> SignedIn:
    """Begin the sign-in of a member of staff whose factors were all right."""
    with write():
        record("StaffSignedIn", staff.uid, by=Actor("staff", staff.uid), now=now)
        return sign_ins.start(staff=staff, now=now)


def _spend_tries(limits: dict[str, int], now: datetime) -> list[Attempt]:
    """Count the try before anything is compared, so that parallel guesses cannot share one."""
    with write():
        if any(throttle.count(bucket, since=now - WINDOW) >= limit for bucket, limit in limits.items()):
            raise TooMany(_("Too many attempts. Please wait 15 minutes, or ask the administrator."), retry_after=900)
        return [throttle.hit(bucket, now=now) for bucket in limits]


def _is_first_use(staff: Staff, step: int, now: datetime) -> bool:
    bucket = f"totp-used:{staff.uid}:{step}"
    with write():
        if throttle.count(bucket, since=now - WINDOW):
            return False
        throttle.hit(bucket, now=now)
    return True

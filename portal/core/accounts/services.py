"""Signing in: accounts by mobile, staff by password; adding staff."""

import base64
import re
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet

from portal.core.accounts import passwords, throttle
from portal.core.accounts.models import Account, Staff
from portal.core.audit import NOBODY, Actor
from portal.core.beneficiaries.centres import Centre
from portal.core.db import write
from portal.core.errors import Invalid, TooMany
from portal.core.events import record
from portal.core.keys import subkey
from portal.core.language import gettext as _
from portal.core.visits.specialties import Specialty

ROLES = ("medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor")
OF_A_CENTRE = {"medical_officer", "pharmacist", "desk"}
WRONG_TRIES, WINDOW = 5, timedelta(minutes=15)
SHORTEST_PASSWORD = 12


def account_of(mobile: str, *, language: str, now: datetime) -> Account:
    """The account of a proven mobile, made at its first sign-in."""
    with write():
        account = Account.get_or_none(Account.mobile == mobile)
        if account is None:
            account = Account.create(mobile=mobile, language=language, created_at=now)
        record("AccountSignedIn", account.uid, by=Actor("account", account.uid), now=now)
    return account


def check_password(username: str, password: str, address: str, *, now: datetime) -> Staff:
    """The member of staff whose password this is. Raises Invalid or TooMany; takes as long for an unknown name."""
    buckets = (f"staff:{username.lower()}", f"staff-from:{throttle.network(address)}")
    if any(
        throttle.count(bucket, since=now - WINDOW) >= WRONG_TRIES * weight
        for bucket, weight in zip(buckets, (1, 10), strict=True)
    ):
        raise TooMany(_("Too many attempts. Please wait 15 minutes, or ask the administrator."), retry_after=900)
    staff: Staff | None = Staff.get_or_none((Staff.username == username.lower()) & Staff.disabled_at.is_null())
    if passwords.is_right(password, staff.password_hash if staff else None) and staff:
        return staff
    for bucket in buckets:
        throttle.hit(bucket, now=now)
    record("StaffSignInRefused", "staff", by=NOBODY, now=now)
    raise Invalid({"": _("User name and password do not fit together.")})


def check_code(staff: Staff, code: str, *, now: datetime) -> None:
    """The second factor, where one is set. Raises Invalid on `code`, or TooMany."""
    bucket = f"totp:{staff.uid}"
    if throttle.count(bucket, since=now - WINDOW) >= WRONG_TRIES:
        raise TooMany(_("Too many attempts. Please wait 15 minutes, or ask the administrator."), retry_after=900)
    if not pyotp.TOTP(_open(staff.totp_secret)).verify(code.strip(), for_time=now, valid_window=1):
        throttle.hit(bucket, now=now)
        raise Invalid({"code": _("This code is not right. Take the one your app shows now.")})


def new_totp_secret() -> tuple[str, str]:
    """(secret to show once, the same sealed for the database)."""
    secret = pyotp.random_base32()
    return secret, seal(secret)


def seal(secret: str) -> str:
    """A TOTP secret as the database keeps it."""
    return _cipher().encrypt(secret.encode()).decode()


def add_staff(
    username: str, *, role: str, name: str, password: str, by: Actor, now: datetime,
    centre: str = "", specialty: str = "", qualification: str = "", registration_number: str = "",
) -> Staff:  # fmt: skip
    """Add a member of staff. Raises Invalid with every wrong field."""
    problems = _problems(username, role, name, password)
    found_centre = Centre.get_or_none(Centre.code == centre)
    found_specialty = Specialty.get_or_none(Specialty.code == specialty)
    if role in OF_A_CENTRE and found_centre is None:
        problems["centre"] = _("Choose a wellness centre.")
    if role == "doctor" and found_specialty is None:
        problems["specialty"] = _("Choose a specialty.")
    if role == "doctor" and not (qualification.strip() and registration_number.strip()):
        problems["registration_number"] = _("A doctor is listed with qualification and registration number.")
    if problems:
        raise Invalid(problems)
    with write():
        staff = Staff.create(
            username=username.lower(), role=role, name=name.strip(), password_hash=passwords.hash_password(password),
            centre=found_centre, specialty=found_specialty, qualification=qualification.strip(),
            registration_number=registration_number.strip(), created_at=now,
        )  # fmt: skip
        record("StaffAdded", staff.uid, by=by, now=now, role=role)
    return staff


def _problems(username: str, role: str, name: str, password: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not re.fullmatch(r"[a-z0-9._-]{3,40}", username.lower()):
        problems["username"] = _("Use 3 to 40 letters, digits, dots or hyphens.")
    elif Staff.select().where(Staff.username == username.lower()).exists():
        problems["username"] = _("This user name is taken.")
    if role not in ROLES:
        problems["role"] = _("Choose a role.")
    if not 2 <= len(name.strip()) <= 80:
        problems["name"] = _("Give the name in 2 to 80 characters.")
    if weak := weakness(password):
        problems["password"] = weak
    return problems


def weakness(password: str) -> str:
    """Why a password may not be used, or an empty text."""
    if not SHORTEST_PASSWORD <= len(password) <= 128:
        return _("Use at least %(shortest)s characters; a few words are easy to remember.", shortest=SHORTEST_PASSWORD)
    return _("This password is too simple.") if len(set(password)) < 5 else ""


def _open(sealed: str) -> str:
    return _cipher().decrypt(sealed.encode()).decode()


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(subkey("totp secrets")))

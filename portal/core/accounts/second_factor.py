"""The second factor of staff: set up by the person, with recovery codes; reset by another administrator."""

from datetime import datetime

from portal.base import typed
from portal.base.errors import Conflict, Invalid
from portal.base.keys import fingerprint
from portal.base.language import gettext as _
from portal.core.accounts import credentials, sign_ins
from portal.core.accounts.models import (
    Passkey,
    RecoveryCode,
    Staff,
    StaffRecoveryCodesMade,
    StaffRecoveryCodeUsed,
    StaffSecondFactorReset,
    StaffSecondFactorSet,
)
from portal.core.accounts.sign_ins import SignedIn
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record

CODES = 10
FEW = 3


def set_up(signed_in: SignedIn, secret: str, code: str, *, now: datetime) -> list[str]:
    """Set the second factor once the app's code confirms it, and return the recovery codes, to be shown once.

    Every other sign-in of the person ends. Raises Invalid on `code`.
    """
    staff = _staff_of(signed_in)
    sealed = credentials.seal(secret)
    if credentials.step_of(sealed, typed.code(code), now) is None:
        raise Invalid({"code": _("This code is not right. Take the one your app shows now.")})
    with write():
        Staff.update(totp_secret=sealed).where(Staff.id == staff.id).execute()
        sign_ins.end_all(staff=staff, but=signed_in.row, now=now)
        record(StaffSecondFactorSet(), staff.uid, by=signed_in.actor, now=now)
        return _new_codes(staff)


def give(staff: Staff, secret: str, *, by: Actor, now: datetime) -> list[str]:
    """Give a person a second factor at the console, where the secret is shown, and return the recovery codes."""
    with write():
        Staff.update(totp_secret=credentials.seal(secret)).where(Staff.id == staff.id).execute()
        record(StaffSecondFactorSet(), staff.uid, by=by, now=now)
        return _new_codes(staff)


def renew_codes(signed_in: SignedIn, *, now: datetime) -> list[str]:
    """Replace the recovery codes."""
    staff = _staff_of(signed_in)
    with write():
        record(StaffRecoveryCodesMade(), staff.uid, by=signed_in.actor, now=now)
        return _new_codes(staff)


def spend_recovery_code(staff: Staff, code: str, *, now: datetime) -> bool:
    """Use up a recovery code, by compare-and-set. False when it is unknown or used."""
    plain = credentials.plain_code(code)
    own = (RecoveryCode.staff == staff) & (RecoveryCode.code_hash == fingerprint(plain))
    with write():
        is_good = len(plain) == credentials.LENGTH and claim(
            RecoveryCode.update(used_at=now).where(own & RecoveryCode.used_at.is_null())
        )
        if is_good:
            record(StaffRecoveryCodeUsed(left=codes_left(staff)), staff.uid, by=Actor("staff", staff.uid), now=now)
    return is_good


def codes_left(staff: Staff) -> int:
    """Count the unused recovery codes."""
    return int(RecoveryCode.select().where((RecoveryCode.staff == staff) & RecoveryCode.used_at.is_null()).count())


def reset(staff: Staff, *, by: Actor, now: datetime) -> None:
    """Reset the factor of a lost telephone; the next sign-in sets up a new one. Raises Conflict for oneself."""
    if by.uid == staff.uid:
        raise Conflict(_("Another administrator must do this for you, or the console: portal staff reset."))
    with write():
        Staff.update(totp_secret="").where(Staff.id == staff.id).execute()
        for table in (RecoveryCode, Passkey):
            table.delete().where(table.staff == staff).execute()
        sign_ins.end_all(staff=staff, now=now)
        record(StaffSecondFactorReset(), staff.uid, by=by, now=now)


def _new_codes(staff: Staff) -> list[str]:
    codes = [credentials.new_code() for _code in range(CODES)]
    RecoveryCode.delete().where(RecoveryCode.staff == staff).execute()
    RecoveryCode.insert_many([{"staff": staff, "code_hash": fingerprint(code)} for code in codes]).execute()
    return codes


def _staff_of(signed_in: SignedIn) -> Staff:
    if signed_in.staff is None:
        raise ValueError("only staff have a second factor")
    return signed_in.staff

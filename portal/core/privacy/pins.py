"""A person's own PIN for the private visits: six digits, hashed like a password, set with an OTP (safety.md, "own").

The mobile proves the family, not the person: an OTP alone sets a PIN only until the first private token is asked for,
and shortly after that in the sign-in that asked (offers.py). From then on the private visits must be open in the same
sign-in, by the PIN itself or by a code that doctor or desk gave.
"""

from datetime import datetime, timedelta

from portal.base import typed
from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts import credentials, otp
from portal.core.accounts.models import Account, SignIn
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.privacy import doors, offers
from portal.core.privacy.models import Pin
from portal.core.visits.models import Visit
from portal.store.db import write
from portal.work import audit, throttle
from portal.work.audit import Actor

DIGITS = 6
WRONG_A_DAY, DAY = 10, timedelta(days=1)  # of one person; a code of doctor or desk still opens


def own_person(uid: str, account: Account) -> Beneficiary:
    """Find a person of this account. Raises NotFound for anybody else's."""
    person: Beneficiary | None = Beneficiary.get_or_none((Beneficiary.uid == uid) & (Beneficiary.account == account))
    if person is None:
        raise NotFound
    return person


def pin_of(person: Beneficiary) -> Pin | None:
    """Return a person's PIN row, if one is set."""
    found: Pin | None = Pin.get_or_none(Pin.beneficiary == person)
    return found


def closed_visit(person: Beneficiary, sign_in: SignIn, now: datetime) -> Visit | None:
    """Return a private visit, past or under way, that must be opened before the PIN is changed; None when none is."""
    if person.id in doors.opened(sign_in, now) or offers.is_open(person, sign_in, now):
        return None
    return offers.newest_private(person)


def require_may(person: Beneficiary, sign_in: SignIn, now: datetime) -> None:
    """Raise Conflict for a minor, and with private visits, unless this sign-in opened them or just began the first."""
    if age_on(person.entry.date_of_birth, clinic_day(now)) < offers.ADULT:
        raise Conflict(_("A PIN is for adults. Private visits of a child open with a code of the doctor or the desk."))
    if closed_visit(person, sign_in, now) is not None:
        raise Conflict(
            _("Please open the private visits first, with the PIN or with a code of the doctor or the desk.")
        )


def read(person: Beneficiary, pin: str, again: str) -> str:
    """Read a new PIN, typed twice. Raises Invalid for one that is no PIN, easily guessed or typed otherwise."""
    wanted = typed.code(pin)
    if len(wanted) != DIGITS or not (wanted.isascii() and wanted.isdigit()):
        raise Invalid({"pin": _("Give six digits.")})
    if _is_weak(wanted, person):
        raise Invalid({"pin": _("This PIN is easily guessed. Take no date, no row of digits and no number of yours.")})
    if typed.code(again) != wanted:
        raise Invalid({"pin_again": _("This is another PIN. Please type the same one twice.")})
    return wanted


def set_pin(
    person: Beneficiary, pin: str, challenge: str, code: str, address: str, *, device: str, by: Actor, now: datetime
) -> None:
    """Set a PIN that was read, proven by the code of an OTP challenge. Raises Invalid on `otp`, or TooMany."""
    hashed = credentials.hash_password(pin)
    with write():
        verdict = otp.check(challenge, code, address, device=device, now=now)
        proven = verdict.proven if verdict.proven and verdict.proven.mobile == person.account.mobile else None
        if proven:
            Pin.delete().where(Pin.beneficiary == person).execute()
            Pin.create(beneficiary=person, pin_hash=hashed, set_at=now)
            offers.end(person)
            audit.note("PinSet", person.uid, by=by, now=now)
    if not proven:  # after the commit, so that the try stays counted
        raise Invalid({"otp": verdict.refusal or _("This OTP is over. Please ask for a new one.")})


def remove(person: Beneficiary, *, by: Actor, now: datetime) -> None:
    """Remove the PIN: from then on codes alone open. Idempotent."""
    with write():
        if Pin.delete().where(Pin.beneficiary == person).execute():
            audit.note("PinRemoved", person.uid, by=by, now=now)


def is_right(person: Beneficiary, text: str, now: datetime) -> bool:
    """Verify a PIN; never after ten wrong ones of a day."""
    if throttle.count(bucket(person), within=DAY, now=now) >= WRONG_A_DAY:
        return False
    known = pin_of(person)
    return known is not None and credentials.is_right(typed.code(text), known.pin_hash)


def bucket(person: Beneficiary) -> str:
    """Name the counter of a person's wrong PINs."""
    return f"private-pin:{person.uid}"


def _is_weak(pin: str, person: Beneficiary) -> bool:
    born = person.entry.date_of_birth
    dates = {f"{born:%d%m%y}", f"{born:%m%d%y}", f"{born:%y%m%d}", f"{born:%m%Y}", f"{born:%Y%m}"}
    own = (person.account.mobile, person.entry.ben_id, person.patient_id)
    in_a_row = any(pin in row for row in ("01234567890", "09876543210"))
    repeated = len(set(pin)) == 1 or pin[:3] == pin[3:] or pin[:2] * 3 == pin
    return repeated or in_a_row or pin in dates or any(pin in number for number in own)

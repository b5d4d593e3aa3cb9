"""One-time codes for private visits: given by the doctor or the desk, used once by the family's sign-in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base import keys, typed
from portal.base.errors import Invalid, NotFound, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.privacy import pins
from portal.core.privacy.models import PinOffer, PrivateOpening, VisitCode
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE
from portal.store.db import claim, one_at_a_time, write
from portal.work import audit, jobs, throttle
from portal.work.audit import Actor

LIFE = timedelta(minutes=30)  # told in the call, and typed when the visit is over
TRIES, WITHIN = 5, timedelta(minutes=10)
KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Given:
    """A code to read out, for whom it is, and until when it can be used."""

    person: Beneficiary
    code: str
    until: datetime


def patient_of(doctor: Staff, visit_uid: str) -> Beneficiary:
    """Return whom this doctor has now in this visit. Raises NotFound for anybody else's."""
    mine = (Visit.uid == visit_uid) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    visit: Visit | None = Visit.get_or_none(mine)
    if visit is None:
        raise NotFound
    person: Beneficiary = visit.beneficiary
    return person


def named(number: str, desk: Staff) -> Beneficiary:
    """Find a registered person of the desk's centre by the whole patient ID or Ben ID. Raises Invalid on `number`."""
    plain = typed.plain_digits(typed.clean(number)).replace(" ", "").upper()
    is_one = (Beneficiary.patient_id == plain) | (RegisterEntry.ben_id == plain)
    is_one &= RegisterEntry.centre == desk.centre
    found: Beneficiary | None = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry).where(is_one).first()
    if not plain or found is None:
        raise Invalid({"number": _("Nobody of your centre who is registered on the portal has this number.")})
    return found


def own_visit(uid: str, account: Account) -> Visit:
    """Find a visit of this account. Raises NotFound for anybody else's."""
    visit: Visit | None = Visit.get_or_none(Visit.uid == uid)
    if visit is None or visit.beneficiary.account_id != account.id:
        raise NotFound
    return visit


def give(person: Beneficiary, staff: Staff, *, by: Actor, now: datetime) -> Given:
    """Make a code for a person's private visits; the ones given before end."""
    with write():
        unused = (VisitCode.beneficiary == person) & VisitCode.used_at.is_null() & (VisitCode.expires_at > now)
        VisitCode.update(expires_at=now).where(unused).execute()
        throttle.forget(_bucket(person))
        row = VisitCode.create(
            beneficiary=person,
            nonce=secrets.token_hex(16),
            given_by=staff,
            created_at=now,
            expires_at=now + LIFE,
        )
        audit.note("VisitCodeGiven", person.uid, by=by, now=now)
    return Given(person, _codes_of(row)[0], row.expires_at)


def use(visit_uid: str, code: str, *, account: Account, sign_in: SignIn, by: Actor, now: datetime) -> None:
    """Open the private visits of a visit's person for this sign-in, by a one-time code or the person's PIN.

    Raises NotFound for another account's visit, Invalid on `code`, TooMany after five wrong tries.
    """
    person = own_visit(visit_uid, account).beneficiary
    is_pin = pins.is_right(person, code, now)  # before the transaction: a hash takes long on purpose
    with write():
        one_at_a_time(f"visit code {person.uid}")
        is_barred = throttle.count(_bucket(person), within=WITHIN, now=now) >= TRIES
        is_right = not is_barred and (is_pin or _spend(person, code, sign_in, now))
        if is_right:
            PrivateOpening.create(beneficiary=person, sign_in=sign_in, opened_at=now)
            audit.note("PrivateVisitsOpened", person.uid, by=by, now=now, how="pin" if is_pin else "code")
        else:
            _refuse(person, is_counted=not is_barred, by=by, now=now)
    if is_barred:
        seconds = int(WITHIN.total_seconds())
        raise TooMany(_("Too many wrong codes. Please ask the doctor or the desk for a new one."), retry_after=seconds)
    if not is_right:
        raise Invalid({"code": _("This code is wrong or over. Please ask the doctor or the desk for a new one.")})


@jobs.sweep(every=3600)
def sweep_codes(now: datetime) -> None:
    """Delete codes KEPT_FOR after their expiry, what they opened, and old offers of a PIN."""
    VisitCode.delete().where(VisitCode.expires_at < now - KEPT_FOR).execute()
    PrivateOpening.delete().where(PrivateOpening.opened_at < now - KEPT_FOR).execute()
    PinOffer.delete().where(PinOffer.offered_at < now - KEPT_FOR).execute()


def _spend(person: Beneficiary, code: str, sign_in: SignIn, now: datetime) -> bool:
    valid = (VisitCode.beneficiary == person) & VisitCode.used_at.is_null() & (VisitCode.expires_at > now)
    row = VisitCode.select().where(valid).order_by(VisitCode.id.desc()).first()
    given = typed.code(code).encode()
    if row is None or not any(secrets.compare_digest(right.encode(), given) for right in _codes_of(row)):
        return False
    unspent = (VisitCode.id == row.id) & VisitCode.used_at.is_null()
    return claim(VisitCode.update(used_at=now, sign_in=sign_in).where(unspent))


def _refuse(person: Beneficiary, *, is_counted: bool, by: Actor, now: datetime) -> None:
    if is_counted:
        throttle.hit(_bucket(person), now=now)
        throttle.hit(pins.bucket(person), now=now)
    audit.note("VisitCodeRefused", person.uid, by=by, now=now)


def _codes_of(row: VisitCode) -> list[str]:
    """Return the code by the newest key, then by older ones: it may have been given before a key rotation."""
    made = keys.signatures("visit codes", row.nonce.encode())
    return [f"{int.from_bytes(signature[:8]) % 1_000_000:06d}" for signature in made]


def _bucket(person: Beneficiary) -> str:
    return f"visit-code:{person.uid}"

"""The offer of a PIN: whoever asks for somebody's token of a private specialty is asked once (safety.md, "own").

The first such visit is the last moment at which an OTP alone sets a PIN: in the sign-in that asked for the token, for a
quarter of an hour. From then on the private visits must be open, by the PIN or by a code of the doctor or the desk.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.clock import clinic_day
from portal.core.accounts.models import SignIn
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.privacy.models import Pin, PinOffer
from portal.core.visits.models import Visit
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor

ADULT = 18
OPEN_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Offer:
    """What is asked. `known_since`: somebody has set a PIN before, with the family's OTP."""

    known_since: datetime | None


def newest_private(person: Beneficiary) -> Visit | None:
    """Return a person's newest visit to a private specialty, past or under way."""
    visits = Visit.select(Visit, ClinicSession, Specialty).join(ClinicSession).join(Specialty)
    mine = (Visit.beneficiary == person) & Specialty.is_private
    found: Visit | None = visits.where(mine).order_by(Visit.id.desc()).first()
    return found


def is_open(person: Beneficiary, sign_in: SignIn, now: datetime) -> bool:
    """Tell whether this sign-in asked just now for the person's first private token, and has not answered yet."""
    mine = (PinOffer.beneficiary == person) & (PinOffer.sign_in == sign_in)
    return (
        PinOffer.select().where(mine & (PinOffer.offered_at > now - OPEN_FOR) & (PinOffer.offered_at <= now)).exists()
    )


def is_first(person: Beneficiary, specialty: Specialty, now: datetime) -> bool:
    """Tell whether a token of this specialty would be an adult's first private one; a minor has no PIN."""
    is_adult = age_on(person.entry.date_of_birth, clinic_day(now)) >= ADULT
    return bool(specialty.is_private) and is_adult and newest_private(person) is None


def offer(person: Beneficiary, sign_in: SignIn, *, now: datetime) -> None:
    """Offer a PIN in this sign-in, in the transaction of the token."""
    PinOffer.create(beneficiary=person, sign_in=sign_in, offered_at=now)


def offer_of(visit: Visit, sign_in: SignIn, now: datetime) -> Offer | None:
    """Return the offer that stands beside a private visit, as long as this sign-in has not answered it."""
    if not visit.session.specialty.is_private or not is_open(visit.beneficiary, sign_in, now):
        return None
    known = Pin.get_or_none(Pin.beneficiary == visit.beneficiary)
    return Offer(known.set_at if known else None)


def decline(person: Beneficiary, *, by: Actor, now: datetime) -> None:
    """End the offers of a person: the answer is no. Idempotent."""
    with write():
        if end(person):
            audit.note("PinDeclined", person.uid, by=by, now=now)


def end(person: Beneficiary) -> int:
    """End the offers of a person in every sign-in; returns how many there were."""
    with write():
        return int(PinOffer.delete().where(PinOffer.beneficiary == person).execute())

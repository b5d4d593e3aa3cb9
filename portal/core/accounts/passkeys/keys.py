"""Adding, checking and removing passkeys of staff.

A passkey comes beside the authenticator app, whose recovery codes stay the way in when both are lost.
"""

from datetime import datetime

from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers import bytes_to_base64url

from portal.base.errors import Invalid, NotAllowed, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.core.accounts.models import Passkey, Staff, StaffPasskeyAdded, StaffPasskeyRemoved
from portal.core.accounts.passkeys.proofs import SECONDS, descriptors, host_of, made, signed
from portal.core.accounts.sign_ins import SignedIn
from portal.store.db import write
from portal.work.events import record

MOST, LONGEST_NAME = 10, 60


def of(staff: Staff) -> list[Passkey]:
    """List a person's passkeys, the oldest first."""
    return list(Passkey.select().where(Passkey.staff == staff).order_by(Passkey.id))


def options_to_add(staff: Staff, origin: str, institution: str) -> tuple[str, str]:
    """Return what the browser needs to make a key, as JSON, and the challenge. Raises Invalid when there are MOST."""
    known = of(staff)
    if len(known) >= MOST:
        raise Invalid({"": _("You have %(count)s passkeys. Remove one first.", count=MOST)})
    options = generate_registration_options(
        rp_id=host_of(origin),
        rp_name=institution,
        user_id=staff.uid.encode(),
        user_name=staff.username,
        user_display_name=staff.name,
        exclude_credentials=descriptors(known),
        timeout=SECONDS * 1000,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add(signed_in: SignedIn, answer: str, challenge: str, name: str, origin: str, *, now: datetime) -> Passkey:
    """Store the key that the browser has made (audited). Raises Invalid when it does not fit what was asked."""
    if signed_in.staff is None or not signed_in.staff.totp_secret:
        raise NotAllowed
    new = made(answer, challenge, origin)
    label = one_line(name)[:LONGEST_NAME] or _("Passkey")
    with write():
        if Passkey.select().where(Passkey.key == new["key"]).exists():
            raise Invalid({"": _("This passkey is there already.")})
        passkey: Passkey = Passkey.create(staff=signed_in.staff, name=label, created_at=now, **new)
        record(StaffPasskeyAdded(), signed_in.staff.uid, by=signed_in.actor, now=now)
    return passkey


def remove(signed_in: SignedIn, uid: str, *, now: datetime) -> None:
    """Remove an own passkey (audited). Raises NotFound for another's."""
    if signed_in.staff is None:
        raise NotAllowed
    with write():
        mine = (Passkey.uid == uid) & (Passkey.staff == signed_in.staff)
        if not Passkey.delete().where(mine).execute():
            raise NotFound
        record(StaffPasskeyRemoved(), signed_in.staff.uid, by=signed_in.actor, now=now)


def options_to_prove(staff: Staff, origin: str) -> tuple[str, str]:
    """Return what the browser needs to use one of the person's keys, as JSON, and the challenge; "" without a key."""
    known = of(staff)
    if not known:
        return "", ""
    options = generate_authentication_options(
        rp_id=host_of(origin), allow_credentials=descriptors(known), timeout=SECONDS * 1000
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def is_proven(staff: Staff, answer: str, challenge: str, origin: str, *, now: datetime) -> bool:
    """Check what a key of this person has signed."""

    def find(key: object) -> Passkey | None:
        found: Passkey | None = Passkey.get_or_none((Passkey.key == key) & (Passkey.staff == staff))
        return found

    return signed(answer, challenge, origin, find, now=now, by_person=False) is not None

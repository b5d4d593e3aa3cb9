"""Adding, checking and removing passkeys; `webauthn` checks what the browser's key has signed.

A passkey comes beside the authenticator app, whose recovery codes stay the way in when both are lost.
"""

import json
from datetime import datetime
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from portal.base.errors import Invalid, NotAllowed, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.core.accounts.models import Passkey, Staff, StaffPasskeyAdded, StaffPasskeyRemoved
from portal.core.accounts.sign_ins import SignedIn
from portal.store.db import claim, write
from portal.work.events import record

MOST, LONGEST_NAME, LONGEST_ANSWER = 10, 60, 16_000
SECONDS = 300  # time for the key to be found and touched


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
        exclude_credentials=_descriptors(known),
        timeout=SECONDS * 1000,
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add(signed_in: SignedIn, answer: str, challenge: str, name: str, origin: str, *, now: datetime) -> Passkey:
    """Store the key that the browser has made (audited). Raises Invalid when it does not fit what was asked."""
    if signed_in.staff is None or not signed_in.staff.totp_secret:
        raise NotAllowed
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid({"": _("The passkey was not made. Please try again.")}) from error
    label = one_line(name)[:LONGEST_NAME] or _("Passkey")
    key = bytes_to_base64url(made.credential_id)
    with write():
        if Passkey.select().where(Passkey.key == key).exists():
            raise Invalid({"": _("This passkey is there already.")})
        passkey: Passkey = Passkey.create(
            staff=signed_in.staff,
            key=key,
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            name=label,
            created_at=now,
        )
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
        rp_id=host_of(origin), allow_credentials=_descriptors(known), timeout=SECONDS * 1000
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def is_proven(staff: Staff, answer: str, challenge: str, origin: str, *, now: datetime) -> bool:
    """Check what a key of this person has signed. A copied key is noticed by its counter."""
    try:
        credential = _read(answer)
        passkey: Passkey | None = Passkey.get_or_none((Passkey.key == credential.get("id")) & (Passkey.staff == staff))
        if passkey is None or not challenge:
            return False
        proven = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError):
        return False
    unchanged = (Passkey.id == passkey.id) & (Passkey.sign_count == passkey.sign_count)
    with write():
        return claim(Passkey.update(sign_count=proven.new_sign_count, used_at=now).where(unchanged))


def host_of(origin: str) -> str:
    """Return the host to which a key is bound."""
    return urlsplit(origin).hostname or ""


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.key)) for passkey in known]


def _read(answer: str) -> dict[str, object]:
    """Read the browser's JSON. Raises ValueError."""
    found = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    if not isinstance(found, dict):
        raise ValueError("no credential")  # noqa: TRY004 the caller takes all of it as one
    return found

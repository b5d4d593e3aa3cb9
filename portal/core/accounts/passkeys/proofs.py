"""What a browser's key has made or signed, checked by `webauthn`; of staff and of mobiles alike."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from webauthn import base64url_to_bytes, verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.store.db import claim, write

SECONDS, LONGEST_ANSWER = 300, 16_000  # time for the key to be found and touched; characters of what it says


Row = TypeVar("Row")


def host_of(origin: str) -> str:
    """Return the host to which a key is bound."""
    return urlsplit(origin).hostname or ""


def descriptors(known: Iterable[Any]) -> list[PublicKeyCredentialDescriptor]:
    """Name keys to the browser."""
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.key)) for passkey in known]


def made(answer: str, challenge: str, origin: str, *, by_person: bool = False) -> dict[str, object]:
    """Return the columns of a key that a browser has made. Raises Invalid when it does not fit what was asked.

    `by_person`: the device has to have checked who holds it (finger, face, PIN), as a key that stands alone demands.
    """
    try:
        new = verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
            require_user_verification=by_person,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid({"": _("The passkey was not made. Please try again.")}) from error
    return {
        "key": bytes_to_base64url(new.credential_id),
        "public_key": bytes_to_base64url(new.credential_public_key),
        "sign_count": new.sign_count,
    }


def signed(
    answer: str, challenge: str, origin: str, find: Callable[[object], Row | None], *, now: datetime, by_person: bool
) -> Row | None:
    """Return the key, of those that `find` finds by its id, that signed the challenge; None when none did.

    A copied key is noticed by its counter.
    """
    try:
        credential = _read(answer)
        passkey: Any = find(credential.get("id"))
        if passkey is None or not challenge:
            return None
        proven = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host_of(origin),
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=by_person,
        )
    except (WebAuthnException, ValueError):
        return None
    table = type(passkey)
    unchanged = (table.id == passkey.id) & (table.sign_count == passkey.sign_count)
    with write():
        return passkey if claim(table.update(sign_count=proven.new_sign_count, used_at=now).where(unchanged)) else None


def _read(answer: str) -> dict[str, object]:
    """Read the browser's JSON. Raises ValueError."""
    found = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    if not isinstance(found, dict):
        raise ValueError("no credential")  # noqa: TRY004 the caller takes all of it as one
    return found

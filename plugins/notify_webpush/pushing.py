"""One push to one browser: encrypted for it (RFC 8291), handed to the push service of its maker (RFC 8030)."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from portal.api import outbound
from portal.api.base import Invalid
from portal.api.base import gettext as _

from .keys import authorization, decoded
from .settings import Settings

POINT, SECRET = 65, 16  # bytes of a browser's public key and of its secret
LONGEST = 1000
SECONDS = 5.0
GONE = (404, 410)  # the browser no longer wants notices
LOOPBACK = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Address:
    """Where a browser gets its notices, its public key, and the secret it shares with us."""

    endpoint: str
    public: bytes
    secret: bytes


def read_address(text: str, settings: Settings) -> Address:
    """Read what a browser's `PushSubscription.toJSON()` gives. Raises Invalid for what it never gives."""
    try:
        given = json.loads(text)
        keys = given["keys"]
        found = Address(str(given["endpoint"]), decoded(keys["p256dh"]), decoded(keys["auth"]))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found.public)
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(
            {"": _("The browser gave an address that cannot be read. Reload the page and try again.")}
        ) from error
    if len(found.public) != POINT or len(found.secret) != SECRET or not _may_call(found.endpoint, settings):
        raise Invalid({"": _("Notices to this browser are not offered: we do not know its push service.")})
    return found


def push(address: Address, text: str, settings: Settings, *, seconds: int, now: datetime) -> int:
    """Push a text that is of use for so many seconds; return the status. Raises outbound's errors."""
    body = http_ece.encrypt(
        text.encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=address.public,
        auth_secret=address.secret,
        version="aes128gcm",
    )
    headers = {
        "Authorization": authorization(address.endpoint, settings, now=now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(seconds),
        "Urgency": "high",
    }
    if not _may_call(address.endpoint, settings):
        raise outbound.Unreachable("the push service is not on the list")
    return outbound.call("POST", address.endpoint, content=body, headers=headers, seconds=SECONDS).status


def _may_call(endpoint: str, settings: Settings) -> bool:
    """Is it https, to a push service on the list? A program on this machine needs no https."""
    try:
        url = urlsplit(endpoint)
        is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        return len(endpoint) <= LONGEST and is_safe and "@" not in url.netloc and settings.is_known(url.netloc)
    except ValueError:
        return False

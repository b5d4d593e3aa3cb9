"""Our key (VAPID, RFC 8292), by which a push service knows who pushes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from portal.api import plugin
from portal.api.storage import write

from .models import PushKey
from .settings import Settings

LIFE = timedelta(hours=12)  # a push service refuses more than a day


def public_key() -> str:
    """Return the public key as browsers take it: the point, uncompressed, in base64url."""
    return encoded(_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorization(endpoint: str, settings: Settings, *, now: datetime) -> str:
    """Make the Authorization header of a push to this address."""
    url = urlsplit(endpoint)
    whom = f"mailto:{settings.contact}" if settings.contact else plugin.public_address()
    claims = {"aud": f"{url.scheme}://{url.netloc}", "exp": int((now + LIFE).timestamp()), "sub": whom}
    return f"vapid t={jwt.encode(claims, _key(), algorithm='ES256')}, k={public_key()}"


def encoded(raw: bytes) -> str:
    """Encode as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Decode base64url, with padding or without. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key() -> ec.EllipticCurvePrivateKey:
    """Return the key. One that no key of the portal opens any more is made anew: browsers then subscribe again."""
    row = PushKey.get_or_none(PushKey.id == 1)
    pem = PushKey.private.unseal(row.private) if row else None
    if pem is None:
        pem = _made()
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 we made it
    return key


def _made() -> str:
    """Make the row; processes that do so together share one."""
    made = ec.generate_private_key(ec.SECP256R1())
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with write():
        row = PushKey.get_or_none(PushKey.id == 1)
        kept = PushKey.private.unseal(row.private) if row else None
        if kept is not None:
            return kept
        PushKey.delete().execute()
        PushKey.insert(id=1, private=PushKey.private.seal(pem)).execute()
    return pem

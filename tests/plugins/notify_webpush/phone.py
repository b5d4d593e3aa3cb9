"""A phone's browser: it makes the keys of its address, and decrypts what a push service gets for it."""

import json
import os
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from portal_plugins.notify_webpush.keys import decoded, encoded

from tests.scripted import Asked


class Phone:
    """One browser with its address at a push service."""

    def __init__(self, service: str, path: str = "/push/phone-1") -> None:
        self.endpoint = service + path
        self._private, self._secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    @property
    def address(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": encoded(point), "auth": encoded(self._secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def text(self) -> str:
        return json.dumps(self.address)

    def read(self, asked: Asked) -> dict[str, str]:
        """Decrypt a push as a browser does (RFC 8291)."""
        assert asked.headers["content-encoding"] == "aes128gcm"
        body = http_ece.decrypt(asked.body, private_key=self._private, auth_secret=self._secret, version="aes128gcm")
        return dict(json.loads(body))


def claims(asked: Asked, audience: str) -> dict[str, Any]:
    """Verify who pushed, as a push service does (RFC 8292), and return the claims."""
    kind, _, parts = asked.headers["authorization"].partition(" ")
    assert kind == "vapid"
    found = dict(part.strip().split("=", 1) for part in parts.split(","))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(found["k"]))
    options = {"verify_exp": False}  # the tests' clock stands still
    return dict(jwt.decode(found["t"], public, algorithms=["ES256"], audience=audience, options=options))

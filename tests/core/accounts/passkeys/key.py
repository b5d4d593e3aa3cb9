"""A security key in memory, as WebAuthn demands: for what Chromium's virtual one cannot be told to do."""

import json
from hashlib import sha256
from secrets import token_bytes

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Key:
    """One key: `count` is its counter of signatures; `verifies`: it has checked who holds it."""

    def __init__(self, origin: str, host: str, *, verifies: bool = False) -> None:
        self.origin, self.host, self.count, self.verifies = origin, host, 0, verifies
        self.id, self.private = token_bytes(32), ec.generate_private_key(ec.SECP256R1())

    def make(self, challenge: str) -> str:
        """Answer a request for a new key."""
        point = self.private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + public
        data = self._data(self._present | ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", challenge, attestationObject=made)

    def sign(self, challenge: str) -> str:
        """Answer a request for a proof."""
        self.count += 1
        data = self._data(self._present)
        client = self._client("webauthn.get", challenge)
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer("webauthn.get", challenge, authenticatorData=data, signature=signature)

    @property
    def _present(self) -> int:
        return PRESENT | VERIFIED if self.verifies else PRESENT

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, kind: str, challenge: str, **said: bytes) -> str:
        name, said = bytes_to_base64url(self.id), said | {"clientDataJSON": self._client(kind, challenge)}
        response = {key: bytes_to_base64url(value) for key, value in said.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

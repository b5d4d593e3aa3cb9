"""A key that signs, in the child process: read from a PKCS#12 file and kept.

pyHanko parses the private key once more for each signature, which costs more than the signature itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers import Signer

SAID = 2048  # bytes of a signature beside its certificates: who, when, of what


class UnusableKey(Exception):
    """This key cannot sign; the message says why, for the administrator."""


@dataclass(frozen=True)
class Key:
    """A key that can sign, and its certificate. `others`: certificates that come with it, for the chain."""

    signer: Signer
    certificate: x509.Certificate
    others: tuple[x509.Certificate, ...] = ()

    @property
    def name(self) -> str:
        """Common name of the certificate's subject, else the whole subject."""
        found = self.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(found[0].value) if found else self.certificate.subject.rfc4514_string()

    @property
    def reserved(self) -> int:
        """Room for the signature, in hexadecimal digits. Given beforehand, pyHanko signs once and not twice."""
        certificates = (self.certificate, *self.others)
        return 2 * (SAID + sum(len(each.public_bytes(Encoding.DER)) for each in certificates))

    def require_valid(self, moment: datetime) -> None:
        """Raise UnusableKey before or after the certificate's days."""
        if moment < self.certificate.not_valid_before_utc:
            raise UnusableKey(f"is valid from {self.certificate.not_valid_before_utc:%Y-%m-%d} only")
        if moment >= self.certificate.not_valid_after_utc:
            raise UnusableKey(f"ran out on {self.certificate.not_valid_after_utc:%Y-%m-%d}")


class _KeptKey(Signer):
    """A signer with the key object in memory."""

    def __init__(self, certificate: x509.Certificate, others: list[x509.Certificate], sign: Callable[[bytes], bytes]):
        self._sign, self._certificate = sign, certificate
        super().__init__(signing_cert=_parsed(certificate), embed_roots=False)
        self._cert_registry.register_multiple(map(_parsed, others))

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign with SHA-256, the one digest that we ask for, and verify."""
        signature = self._sign(data)
        verify(self._certificate, signature, data)
        return signature


def from_file(content: bytes, password: str) -> Key:
    """Load a PKCS#12 file's key. Raises UnusableKey."""
    try:
        found = pkcs12.load_pkcs12(content, password.encode() or None)
    except ValueError as error:
        raise UnusableKey("cannot be opened: the password is wrong, or it is no PKCS#12 file") from error
    if found.key is None or found.cert is None:
        raise UnusableKey("has no private key with its certificate")
    certificate, others = found.cert.certificate, [each.certificate for each in found.additional_certs]
    return Key(_KeptKey(certificate, others, _signing_with(found.key)), certificate, tuple(others))


def verify(certificate: x509.Certificate, signature: bytes, data: bytes) -> None:
    """Verify what was signed, before it is used. Raises UnusableKey, as a token may hold another's certificate."""
    public = certificate.public_key()
    try:
        if isinstance(public, RSAPublicKey):
            public.verify(signature, data, PKCS1v15(), SHA256())
        elif isinstance(public, EllipticCurvePublicKey):
            public.verify(signature, data, ECDSA(SHA256()))
        else:
            raise UnusableKey("has a certificate for another kind of key than RSA and elliptic curves")
    except InvalidSignature as error:
        raise UnusableKey("does not fit its certificate: what it signs does not verify") from error


def _signing_with(key: Any) -> Callable[[bytes], bytes]:
    if isinstance(key, RSAPrivateKey):
        return lambda data: key.sign(data, PKCS1v15(), SHA256())
    if isinstance(key, EllipticCurvePrivateKey):
        return lambda data: key.sign(data, ECDSA(SHA256()))
    raise UnusableKey("is of another kind than RSA and elliptic curves")


def _parsed(certificate: x509.Certificate) -> Any:
    """Convert a certificate into pyHanko's kind."""
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER))))

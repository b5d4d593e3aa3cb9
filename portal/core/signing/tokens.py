"""A key inside a token or HSM, used by PKCS#11 in the child process: it never leaves the token.

Loaded only where one is named: the driver (the extra `pkcs11`) is optional.
"""

import os
from typing import Any

from asn1crypto.x509 import Certificate
from cryptography import x509
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import PinIncorrect, PKCS11Error
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

from portal.core.signing.keys import Key, UnusableKey, verify
from portal.core.signing.places import Place

_sessions: dict[tuple[str, str], Any] = {}  # a process signs in to a token once
_wrong_pins: set[tuple[str, str, str]] = set()  # not tried again: tokens lock themselves after some wrong ones


class _TokenKey(PKCS11Signer):
    """pyHanko's signer for tokens; each signature is verified with the certificate of the same label."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign in the token, and verify here."""
        signature: bytes = await super().async_sign_raw(data, digest_algorithm, dry_run)
        verify(_of(self.signing_cert), signature, data)
        return signature


def from_token(place: Place, pin: str) -> Key:
    """Open the token and find key and certificate of the label, and its chain. Raises UnusableKey."""
    name, is_given, value = place.setting.partition("=")
    if is_given:
        os.putenv(name, value)  # for the library, which reads its own
    try:
        return _found(place, _session(place, pin))
    except PKCS11Error as error:
        _sessions.pop((place.library, place.token), None)  # the token may have been taken out, or restarted
        raise UnusableKey(f"cannot be used in the token: {str(error) or type(error).__name__}") from error


def _session(place: Place, pin: str) -> Any:
    where = (place.library, place.token)
    if where not in _sessions:
        if (*where, pin) in _wrong_pins:
            raise PinIncorrect
        try:
            token = TokenCriteria(label=place.token)
            _sessions[where] = open_pkcs11_session(place.library, token_criteria=token, user_pin=pin)
        except PinIncorrect:
            _wrong_pins.add((*where, pin))
            raise
    return _sessions[where]


def _found(place: Place, session: Any) -> Key:
    signer = _TokenKey(session, cert_label=place.label, key_label=place.label, embed_roots=False)
    chain = _chain(signer.signing_cert, _certificates(session))
    signer.cert_registry.register_multiple(chain)
    return Key(signer, _of(signer.signing_cert), tuple(map(_of, chain)))


def _certificates(session: Any) -> list[Any]:
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
    return [Certificate.load(each[Attribute.VALUE]) for each in found]


def _chain(certificate: Any, others: list[Any]) -> list[Any]:
    """Return the issuers that the token holds, without the root: who has only the root cannot verify without them."""
    issuers = [each for each in others if each.subject == certificate.issuer and not each.self_issued]
    rest = [each for each in others if each not in issuers]
    return issuers + [above for issuer in issuers for above in _chain(issuer, rest)]


def _of(certificate: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())

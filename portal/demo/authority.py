"""The demonstration's own certificate authority, with certificates for the organisation and its first doctor.

Its keys are made once, into the data folder, and are worth nothing elsewhere: nobody else trusts `ca.pem`.
"""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from portal.core.signing.places import organisation_file
from portal.store.private import name_whole

ORGANISATION = "Paramarsh demonstration"
PASSWORD = "demo-paramarsh"  # noqa: S105 the demo's published password
# Whatever clock a demonstration is given, and the same certificates but for their keys.
FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
Issued = tuple[RSAPrivateKey, x509.Certificate]


def make(folder: Path, doctors: dict[str, str]) -> None:
    """Make what is missing in the folder; `doctors`: names by user name. The organisation's file comes last."""
    if organisation_file(folder).exists():
        return
    (folder / "doctors").mkdir(parents=True, exist_ok=True)
    authority = _issue("Paramarsh demonstration CA", 1, None)
    _write(folder / "ca.pem", authority[1].public_bytes(Encoding.PEM))
    for serial, (username, name) in enumerate(doctors.items(), 3):
        _keep(folder / "doctors" / f"{username}.p12", _issue(name, serial, authority), authority[1])
    _keep(organisation_file(folder), _issue(ORGANISATION, 2, authority), authority[1])


def _issue(name: str, serial: int, authority: Issued | None) -> Issued:
    key = generate_private_key(65537, 2048)
    issuer = authority or (key, None)
    subject, public = _subject(name), key.public_key()
    is_authority = authority is None
    uses = {"key_encipherment": False, "data_encipherment": False, "key_agreement": False}
    uses |= {"encipher_only": False, "decipher_only": False}
    uses |= dict.fromkeys(("digital_signature", "content_commitment"), not is_authority)
    uses |= dict.fromkeys(("key_cert_sign", "crl_sign"), is_authority)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority[1].subject if authority else subject)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[0].public_key()), critical=False)
    )
    return key, builder.sign(issuer[0], SHA256())


def _subject(name: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "IN"), (NameOID.ORGANIZATION_NAME, ORGANISATION), (NameOID.COMMON_NAME, name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _keep(path: Path, issued: Issued, authority: x509.Certificate) -> None:
    secret = BestAvailableEncryption(PASSWORD.encode())
    _write(path.with_suffix(".password"), PASSWORD.encode())
    _write(path, pkcs12.serialize_key_and_certificates(path.stem.encode(), issued[0], issued[1], [authority], secret))


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    name_whole(partial, path)

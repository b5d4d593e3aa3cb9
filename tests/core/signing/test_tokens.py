"""A key in a token (SoftHSM) signs by PKCS#11 and never leaves it."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pkcs11 import Attribute, CertificateType, ObjectClass, lib
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.pkcs11 import open_pkcs11_session
from pyhanko_certvalidator import ValidationContext

from portal.core.signing import places, signatures, tokens
from portal.core.signing.keys import UnusableKey
from portal.core.signing.places import Place
from portal.core.signing.signatures import NotSigned, Outgoing
from portal.sandbox.child_process import ChildPool
from tests.core.paper.samples import render, sample
from tests.servers import need, unavailable
from tests.signing import made, signatures_of, status_of, validated

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
PIN = "4711"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A token with the key and certificate of the demonstration's organisation, and another key of the same name."""
    need("softhsm2-util", "no key in a token is used")
    if not LIBRARY.exists():
        unavailable(f"{LIBRARY} is not there, so no key in a token is used")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    (folder / "pin").write_text(PIN)
    found = pkcs12.load_pkcs12(places.organisation_file(made()).read_bytes(), b"demo-paramarsh")
    other = pkcs12.load_pkcs12((made() / "doctors" / "dr.medicine1.p12").read_bytes(), b"demo-paramarsh")
    environment = {"SOFTHSM2_CONF": str(settings), "PATH": "/usr/bin:/bin"}
    tool = ["softhsm2-util", "--pin", PIN]
    subprocess.run([*tool, "--init-token", "--free", "--label", "opd", "--so-pin", "0815"], env=environment, check=True)
    for label, number, key in (("opd-key", "01", found.key), ("wrong-key", "02", other.key)):
        path = folder / f"{label}.pem"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        line = [*tool, "--import", str(path), "--token", "opd", "--label", label, "--id", number]
        subprocess.run(line, env=environment, check=True)
    certificate = found.cert.certificate
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(settings))
        for label, number in (("opd-key", b"\x01"), ("wrong-key", b"\x02")):
            keep(certificate, label, number)
    return Place("", str(folder / "pin"), "", str(LIBRARY), "opd", "opd-key", f"SOFTHSM2_CONF={settings}")


def keep(certificate: x509.Certificate, label: str, number: bytes) -> None:
    """Put a certificate into the token."""
    with lib(str(LIBRARY)).get_token(token_label="opd").open(user_pin=PIN, rw=True) as session:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.LABEL: label,
                Attribute.ID: number,
                Attribute.SUBJECT: certificate.subject.public_bytes(),
                Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )


def chained() -> tuple[list[x509.Certificate], RSAPrivateKey]:
    """Root, sub-authority and organisation, as a licensed authority's chain is, with the organisation's key."""
    keys = [generate_private_key(65537, 2048) for _ in range(3)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in ("Root", "Sub", "Opd")]
    made_ones = []
    for place, key in enumerate(keys):
        above = max(place - 1, 0)
        builder = x509.CertificateBuilder().subject_name(names[place]).issuer_name(names[above])
        builder = builder.public_key(key.public_key()).serial_number(place + 1)
        builder = builder.not_valid_before(NOW - timedelta(days=9)).not_valid_after(NOW + timedelta(days=9))
        uses = dict.fromkeys(("digital_signature", "content_commitment"), place == 2)
        uses |= dict.fromkeys(("key_cert_sign", "crl_sign"), place < 2)
        others = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
        builder = builder.add_extension(x509.KeyUsage(**uses, **dict.fromkeys(others, False)), critical=True)
        builder = builder.add_extension(x509.BasicConstraints(place < 2, None), critical=True)
        made_ones.append(builder.sign(keys[above], SHA256()))
    return made_ones, keys[2]


def label_of(token: Place, label: str) -> Place:
    return Place(**(token.to_json() | {"label": label}))


def test_the_token_signs(token: Place) -> None:
    made_by = signatures.sign(render(sample(1)), [token], Outgoing("Issued: RX-1"), now=NOW)
    assert made_by.by == "Paramarsh demonstration"
    assert status_of(made_by.content, at=NOW).bottom_line


def test_who_trusts_the_root_alone_can_verify(token: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root, sub, own), key = chained()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    name, _, value = token.setting.partition("=")
    monkeypatch.setenv(name, value)
    line = ["softhsm2-util", "--pin", PIN, "--import", str(tmp_path / "key.pem"), "--token", "opd"]
    subprocess.run([*line, "--label", "chained", "--id", "03"], check=True)
    keep(own, "chained", b"\x03")
    keep(sub, "above", b"\x13")
    signed = signatures.sign(render(sample(1)), [label_of(token, "chained")], Outgoing("Issued: RX-1"), now=NOW)
    (found,) = signatures_of(signed.content)
    roots = load_certs_from_pemder_data(root.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False, moment=NOW)
    assert validated(found, context).bottom_line


def test_a_key_that_does_not_fit_its_certificate_signs_nothing(token: Place) -> None:
    with pytest.raises(NotSigned, match="does not fit its certificate"):
        signatures.sign(render(sample(1)), [label_of(token, "wrong-key")], Outgoing("Issued: RX-1"), now=NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "nobody"}, "cannot be used in the token: Could not find certificate with label 'nobody'"),
        ({"token": "nobody"}, "cannot be used in the token: No token matching"),
    ],
)
def test_what_is_not_in_the_token_is_told(token: Place, change: dict[str, str], said: str) -> None:
    with pytest.raises(NotSigned, match=said):
        signatures.sign(render(sample(1)), [Place(**(token.to_json() | change))], Outgoing("x"), now=NOW)


def test_a_wrong_pin_is_told(token: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ChildPool("portal.core.signing.child", size=1, memory=2**30, seconds=20, documents=9)
    monkeypatch.setattr(signatures, "signers", lambda: pool)
    (tmp_path / "pin").write_text("1111")
    wrong = Place(**(token.to_json() | {"password": str(tmp_path / "pin")}))
    with pytest.raises(NotSigned, match="cannot be used in the token: PinIncorrect"):
        signatures.sign(render(sample(1)), [wrong], Outgoing("x"), now=NOW)


def test_a_wrong_pin_is_tried_once_as_tokens_lock_themselves(token: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def counted(*where: str, user_pin: str, **more: object) -> object:
        tried.append(user_pin)
        return open_pkcs11_session(*where, user_pin=user_pin, **more)

    monkeypatch.setattr(tokens, "open_pkcs11_session", counted)
    for _sweep in range(2):
        with pytest.raises(UnusableKey, match="PinIncorrect"):
            tokens.from_token(token, "1111")
    assert tried == ["1111"]

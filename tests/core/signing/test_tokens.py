"""A key in a token (SoftHSM) signs by PKCS#11 and never leaves it."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pkcs11 import Attribute, CertificateType, ObjectClass, lib

from portal.core.signing import places, signatures
from portal.core.signing.places import Place
from portal.core.signing.signatures import NotSigned, Outgoing
from portal.sandbox.child_process import ChildPool
from tests.core.paper.samples import render, sample
from tests.servers import need, unavailable
from tests.signing import made, status_of

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
        with lib(str(LIBRARY)).get_token(token_label="opd").open(user_pin=PIN, rw=True) as session:
            for label, number in (("opd-key", b"\x01"), ("wrong-key", b"\x02")):
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
    return Place("", str(folder / "pin"), "", str(LIBRARY), "opd", "opd-key", f"SOFTHSM2_CONF={settings}")


def label_of(token: Place, label: str) -> Place:
    return Place(**(token.to_json() | {"label": label}))


def test_the_token_signs(token: Place) -> None:
    made_by = signatures.sign(render(sample(1)), [token], Outgoing("Issued: RX-1"), now=NOW)
    assert made_by.by == "Paramarsh demonstration"
    assert status_of(made_by.content, at=NOW).bottom_line


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

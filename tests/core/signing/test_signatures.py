"""A signature is PAdES, verifies in pyHanko and poppler, keeps PDF/A and PDF/UA, and shows every later change."""

import random
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.diff_analysis import ModificationLevel

from portal.core.signing import places, signatures
from portal.core.signing.places import Place
from portal.core.signing.signatures import NotSigned, Outgoing, Signed
from tests import verapdf
from tests.core.paper.samples import render, sample
from tests.core.paper.test_text_layer import HINDI
from tests.signing import made, signatures_of, status_of

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
PASSWORD = "a password"
TOLD = Outgoing("Issued: RX-2611-000123")


@pytest.fixture(scope="module")
def page() -> bytes:
    return render(sample(5))


def signed(pdf: bytes, *keys: Place, now: datetime = NOW) -> Signed:
    return signatures.sign(pdf, list(keys or places.of_demo(made()).for_author("dr.medicine1")), TOLD, now=now)


def file_of(folder: Path, key, *, owner: str = "dr.x", name: str = "Dr X", days: int = 365, password=PASSWORD) -> Place:
    """Write a PKCS#12 file with a certificate that signs itself, from a year before NOW."""
    kind = x509.NameOID.COMMON_NAME if name else x509.NameOID.ORGANIZATION_NAME
    subject = x509.Name([x509.NameAttribute(kind, name or "Clinic")])
    until = NOW + timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(NOW - timedelta(days=365)).not_valid_after(until)
    certificate = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256())
    secret = BestAvailableEncryption(PASSWORD.encode())
    path = folder / f"{owner}.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, secret))
    path.with_suffix(".password").write_text(f"{password}\n")
    return Place(owner, str(path.with_suffix(".password")), certificate=str(path))


def test_the_authors_own_key_signs(page: bytes) -> None:
    made_by = signed(page)
    status = status_of(made_by.content, at=NOW)
    assert (made_by.by, made_by.problems) == ("Dr Asha Verma", {})
    assert status.bottom_line
    assert status.modification_level is ModificationLevel.NONE
    (found,) = signatures_of(made_by.content)
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert found.sig_object["/Reason"] == "Issued: RX-2611-000123"
    assert found.self_reported_timestamp == NOW


def test_poppler_verifies_it_too(page: bytes, pdfsig) -> None:
    said = pdfsig(signed(page).content)
    assert "Signature Validation: Signature is Valid." in said
    assert "Certificate Validation: Certificate is Trusted." in said
    assert "Total document signed" in said
    assert "Signature Type: ETSI.CAdES.detached" in said


def test_a_signed_file_keeps_both_claims(page: bytes, tmp_path: Path) -> None:
    files = [signed(pdf).content for pdf in (page, render(HINDI), render(sample(60, language="hi")))]
    assert verapdf.failures(tmp_path, files) == []


def test_a_flipped_bit_outside_the_gap_is_refused(page: bytes) -> None:
    content = signed(page).content
    (found,) = signatures_of(content)
    start, gap, after, length = (int(number) for number in found.byte_range)
    places_of_bits = [*range(start, gap), *range(after, after + length)]
    for place in random.Random(7).sample(places_of_bits, 60):  # noqa: S311 dice, not secrets
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        try:
            status = status_of(bytes(flipped), at=NOW)
        except Exception:  # noqa: BLE001, S112 it cannot even be read
            continue
        assert not status.bottom_line, place


def test_an_appended_change_is_refused(page: bytes, pdfsig) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed(page).content))
    first = writer.root["/Pages"]["/Kids"][0]
    first["/Rotate"] = generic.NumberObject(90)
    writer.update_container(first)
    changed = BytesIO()
    writer.write(changed)
    status = status_of(changed.getvalue(), at=NOW)
    assert not status.bottom_line
    assert status.modification_level is ModificationLevel.OTHER
    assert "Not total document signed" in pdfsig(changed.getvalue())


def test_another_authority_is_not_trusted(page: bytes, tmp_path: Path) -> None:
    own = file_of(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    status = status_of(signed(page, own).content, at=NOW)
    assert (status.valid, status.intact, status.trusted) == (True, True, False)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_keys_of_elliptic_curves_sign(page: bytes, tmp_path: Path, curve: ec.EllipticCurve) -> None:
    status = status_of(signed(page, file_of(tmp_path, ec.generate_private_key(curve))).content, at=NOW)
    assert (status.valid, status.intact) == (True, True)


def test_a_certificate_without_a_name_is_told_by_its_subject(page: bytes, tmp_path: Path) -> None:
    assert signed(page, file_of(tmp_path, ec.generate_private_key(ec.SECP256R1()), name="")).by == "O=Clinic"


def test_the_organisation_signs_when_the_doctors_certificate_has_run_out(page: bytes, tmp_path: Path) -> None:
    old = file_of(tmp_path, ec.generate_private_key(ec.SECP256R1()), owner="dr.eye1", days=-1)
    found = signed(page, old, places.of_demo(made()).organisation)
    assert found.by == "Paramarsh demonstration"
    assert found.problems == {"dr.eye1": "ran out on 2026-11-22"}
    with pytest.raises(NotSigned, match=r"dr\.eye1 ran out on 2026-11-22"):
        signed(page, old)


def test_a_certificate_signs_from_its_first_day_on(page: bytes, tmp_path: Path) -> None:
    key = file_of(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(NotSigned, match="is valid from 2025-11-23 only"):
        signed(page, key, now=NOW - timedelta(days=366))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: Path(place.password).write_text("wrong"), "the password is wrong"),
        (lambda place: Path(place.certificate).write_bytes(b"no certificate"), "it is no PKCS#12 file"),
        (lambda place: Path(place.certificate).unlink(), "cannot be read .*No such file"),
        (lambda place: Path(place.password).unlink(), "cannot be read .*No such file"),
    ],
)
def test_a_key_that_cannot_be_used_says_why(page: bytes, tmp_path: Path, spoil, said: str) -> None:
    place = file_of(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    spoil(place)
    with pytest.raises(NotSigned, match=said):
        signed(page, place)


def test_a_key_of_another_kind_is_refused(page: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotSigned, match="another kind than RSA and elliptic curves"):
        signed(page, file_of(tmp_path, ed25519.Ed25519PrivateKey.generate()))


def test_a_renewed_certificate_is_used_at_once(page: bytes, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert signed(page, file_of(tmp_path, key, name="Old")).by == "Old"
    assert signed(page, file_of(tmp_path, key, name="Renewed")).by == "Renewed"


def test_certificates_are_described_with_their_days_or_what_is_wrong(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "signing"
    shutil.copytree(made(), folder)
    (folder / "doctors" / "dr.medicine1.password").write_text("wrong")
    eye = file_of(folder / "doctors", ec.generate_private_key(ec.SECP256R1()), owner="dr.eye1", name="Dr Eye")
    Path(eye.certificate).chmod(0o600)
    Path(eye.password).chmod(0o604)
    monkeypatch.setattr(places, "_places", places.of_demo(folder))
    organisation, exposed, medicine = signatures.describe()
    assert (organisation["owner"], organisation["subject"], organisation["serial"]) == (
        "",
        "Paramarsh demonstration",
        "2",
    )
    assert organisation["valid_until"] == "2050-01-01T00:00:00+00:00"
    assert organisation["problem"] == ""
    assert exposed["problem"] == f"can be read by everybody on this machine: {eye.password}"
    assert medicine == {
        "owner": "dr.medicine1",
        "problem": "cannot be opened: the password is wrong, or it is no PKCS#12 file",
    }


def test_the_pages_of_a_signed_file_are_those_that_were_printed(page: bytes) -> None:
    with pikepdf.open(BytesIO(page)) as plain, pikepdf.open(BytesIO(signed(page).content)) as own:
        assert own.pages[0].Contents.read_bytes() == plain.pages[0].Contents.read_bytes()
        assert own.docinfo["/Title"] == plain.docinfo["/Title"]

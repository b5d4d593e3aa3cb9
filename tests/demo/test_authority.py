"""A demonstration has an authority of its own, made once; the same but for its keys."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from portal.demo import authority


def certificate(path: Path) -> x509.Certificate:
    found = pkcs12.load_pkcs12(path.read_bytes(), path.with_suffix(".password").read_bytes())
    assert found.cert is not None
    return found.cert.certificate


def test_it_is_made_once(tmp_path: Path) -> None:
    authority.make(tmp_path, {"dr.medicine1": "Dr Asha Verma"})
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in files} == {
        *("ca.pem", "organisation.p12", "organisation.password", "dr.medicine1.p12", "dr.medicine1.password")
    }
    authority.make(tmp_path, {"dr.medicine1": "Dr Asha Verma"})
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files


def test_names_serial_numbers_and_days_are_always_the_same(tmp_path: Path) -> None:
    authority.make(tmp_path, {"dr.medicine1": "Dr Asha Verma"})
    found = [certificate(tmp_path / name) for name in ("organisation.p12", "doctors/dr.medicine1.p12")]
    assert [(each.subject.rfc4514_string(), each.serial_number) for each in found] == [
        ("CN=Paramarsh demonstration,O=Paramarsh demonstration,C=IN", 2),
        ("CN=Dr Asha Verma,O=Paramarsh demonstration,C=IN", 3),
    ]
    assert {(each.not_valid_before_utc, each.not_valid_after_utc) for each in found} == {
        (authority.FROM, authority.UNTIL)
    }
    root = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    for each in found:
        each.verify_directly_issued_by(root)

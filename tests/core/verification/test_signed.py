"""Signed files at /rx: the signed, the unsigned before it and the stamped one are ours; the gap hides nothing."""

from datetime import datetime
from pathlib import Path

import pytest

from portal.config import Config
from portal.core.prescriptions import cancelling, reading
from portal.core.prescriptions.files import later
from portal.core.prescriptions.models import Prescription
from portal.core.verification import proofs
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_prescription
from tests.signing import signatures_of, status_of, switch_on


@pytest.fixture
def folder(app, config: Config) -> Path:
    return switch_on(config)


def again(issued: Prescription) -> Prescription:
    return Prescription.get_by_id(issued.id)


def read(issued: Prescription, now: datetime) -> bytes:
    return reading.served(again(issued), by=SYSTEM, now=now)


def proof(issued: Prescription, content: bytes) -> str:
    return proofs.proof_of(again(issued), proofs.checksum_of(content))


def test_a_change_in_the_gap_that_the_signature_leaves_is_altered(folder: Path, db, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    content = bytearray(read(issued, now))
    assert proof(issued, bytes(content)) == "genuine"
    (found,) = signatures_of(bytes(content))
    gap_end = int(found.byte_range[2])
    content[gap_end - 2] = ord("1")  # the padding behind the signature
    assert status_of(bytes(content), at=now).bottom_line
    assert proof(issued, bytes(content)) == "altered"


def test_the_file_before_and_after_a_late_signature_is_genuine(folder: Path, db, now: datetime, queue) -> None:
    password = folder / "organisation.password"
    password.rename(folder / "kept")
    issued = make_prescription(now)
    queue.drain()
    unsigned = read(issued, now)
    (folder / "kept").rename(password)
    later.sweep_unsigned(again(issued).next_at)
    signed = read(issued, now)
    assert signed != unsigned
    assert [proof(issued, content) for content in (unsigned, signed, signed + b"\n")] == [
        "genuine",
        "genuine",
        "altered",
    ]
    assert {proofs.issued_as(proofs.checksum_of(content)) for content in (unsigned, signed)} == {issued}


def test_every_file_of_a_cancelled_one_is_cancelled(folder: Path, db, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    plain = read(issued, now)
    doctor = issued.doctor
    cancelling.cancel(again(issued), doctor, "Wrong patient", by=Actor("staff", doctor.uid), now=now)
    unsigned = read(issued, now)
    queue.drain()
    signed = read(issued, now)
    assert len({plain, unsigned, signed}) == 3
    assert [proof(issued, content) for content in (plain, unsigned, signed)] == ["cancelled"] * 3
    assert proofs.issued_as(proofs.checksum_of(signed)) == issued

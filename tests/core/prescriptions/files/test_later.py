"""A signature that fails costs no prescription: the file is stored unsigned, and signed as soon as that works."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.base import clock as portal_clock
from portal.config import Config
from portal.core.prescriptions import cancelling, making, reading, storage
from portal.core.prescriptions.files import later
from portal.core.prescriptions.models import DUE, MADE, Prescription, PrescriptionFile
from portal.core.signing import signatures
from portal.sandbox.child_process import ChildPool
from portal.work.audit import SYSTEM, Actor
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.prescriptions.test_amending import begin, issue, write
from tests.day.papers import text_of
from tests.factories import make_staff, make_visit
from tests.signing import signatures_of, status_of, switch_on

AT = datetime.fromisoformat("2026-11-23T04:30:00+00:00")


@pytest.fixture
def folder(app, config: Config) -> Path:
    """The folder of certificates; this demonstration signs."""
    return switch_on(config)


@pytest.fixture
def dying_signer(monkeypatch: pytest.MonkeyPatch):
    """A signing process that dies at each request, until `monkeypatch.undo()`."""
    pool = ChildPool("tests.core.prescriptions.printer_that_dies", size=1, memory=2**30, seconds=20, documents=9)
    monkeypatch.setattr(signatures, "signers", lambda: pool)
    yield monkeypatch
    pool.close()


def again(issued: Prescription) -> Prescription:
    return Prescription.get_by_id(issued.id)


def read(issued: Prescription, now: datetime) -> bytes:
    return reading.served(again(issued), by=SYSTEM, now=now)


def lose_password(folder: Path) -> None:
    (folder / "organisation.password").rename(folder / "organisation.kept")


def find_password(folder: Path) -> None:
    (folder / "organisation.kept").rename(folder / "organisation.password")


def events(name: str) -> list[dict]:
    return [event.data for event in Event.select().where(Event.name == name).order_by(Event.id)]


def test_a_prescription_is_signed_when_it_is_stored(folder: Path, db, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    row = again(issued)
    assert (row.signature, row.signed_by, row.is_unsigned) == (MADE, "Paramarsh demonstration", False)
    content = read(issued, now)
    assert status_of(content, at=now).bottom_line
    assert reading.kind_of(row, row.sha256) == "issued"
    assert storage.intact(row.stored_name, row.sha256) == content
    assert events("PrescriptionStored")[0]["signed"] is True
    assert PrescriptionFile.select().count() == 0


def test_the_authors_own_certificate_signs(folder: Path, db, now: datetime, queue) -> None:
    visit = make_visit("in_call", doctor=make_staff("doctor", username="dr.medicine1"))
    issued = make_prescription(now, visit)
    queue.drain()
    assert again(issued).signed_by == "Dr Asha Verma"


def test_without_certificates_nothing_is_signed_and_nothing_is_due(db, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    row = again(issued)
    assert (row.signature, row.signed_by) == ("", "")
    assert signatures_of(read(issued, now)) == []
    assert later.unsigned(now + timedelta(days=1)) == []


def test_a_signature_that_fails_does_not_hold_the_prescription_up(
    folder: Path, db, now: datetime, queue, sign_in
) -> None:
    lose_password(folder)
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    queue.drain()
    row = again(issued)
    assert (row.signature, row.signed_by, row.is_unsigned) == (DUE, "", True)
    assert row.stored_at is not None
    unsigned = read(issued, now)
    assert signatures_of(unsigned) == []
    assert events("PrescriptionStored")[0]["signed"] is False
    assert "Not yet signed" in sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").text
    assert "Not yet signed" in sign_in(visit.doctor).get(f"/visits/{visit.uid}/prescription").text
    assert "Not yet signed" not in sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    find_password(folder)
    soon = again(issued).next_at
    later.sweep_unsigned(soon)
    row = again(issued)
    assert (row.signature, row.signed_by, row.failure) == (MADE, "Paramarsh demonstration", "")
    assert status_of(read(issued, soon), at=soon).bottom_line
    assert events("PrescriptionSigned") == [{"visit": visit.uid, "number": issued.number, "kind": "issued"}]
    page = sign_in(visit.doctor).get(f"/visits/{visit.uid}/prescription").text
    assert "Digitally signed by Paramarsh demonstration" in page
    assert "Not yet signed" not in page


def test_both_files_are_known_as_ours(folder: Path, db, now: datetime, queue) -> None:
    lose_password(folder)
    issued = make_prescription(now)
    queue.drain()
    first = again(issued).sha256
    find_password(folder)
    later.sweep_unsigned(again(issued).next_at)
    second = PrescriptionFile.get().sha256
    assert first != second
    assert again(issued).sha256 == first
    assert [reading.kind_of(again(issued), sha) for sha in (first, second, "0" * 64)] == ["issued", "issued", ""]


def test_the_administrator_reads_why_it_is_not_signed(folder: Path, db, now: datetime, queue, sign_in, clock) -> None:
    lose_password(folder)
    make_prescription(now)
    queue.drain()
    clock.tick(180)
    page = sign_in(make_staff("admin")).get("/admin").text
    assert "Prescriptions that are not signed yet, and hold meanwhile: 1." in page
    assert "organisation.password: No such file or directory" in page


def test_retries_back_off_and_one_failure_ends_the_sweep(folder: Path, db, now: datetime, queue) -> None:
    lose_password(folder)
    first, second = make_prescription(now), make_prescription(now)
    queue.drain()
    tries = [again(issued).tries for issued in (first, second)]
    assert tries == [1, 1]
    moment = max(again(first).next_at, again(second).next_at)
    later.sweep_unsigned(moment)
    assert sorted(again(issued).tries for issued in (first, second)) == [1, 2]
    waits = []
    for _ in range(6):
        due = again(first).next_at or moment
        later.sign_pdf(first.id, due)
        waits.append((again(first).next_at - due).total_seconds())
    assert waits[-1] == 600
    assert waits == sorted(waits)


def test_a_signing_process_that_dies_is_tried_once_more_before_the_file_goes_unsigned(
    folder: Path, db, now: datetime, queue, dying_signer
) -> None:
    issued = make_prescription(now)
    queue.waiting.clear()
    making.make_pdf(issued.id, now)
    row = again(issued)
    assert (row.stored_at, row.tries, row.failure) == (None, 1, "killed by SIGABRT")
    making.make_pdf(issued.id, now)
    assert again(issued).is_unsigned
    dying_signer.undo()
    later.sign_pdf(issued.id, now)
    assert again(issued).signature == MADE


def test_a_cancelled_prescription_is_stamped_and_signed_by_the_organisation(
    folder: Path, db, now: datetime, queue, sign_in
) -> None:
    visit = make_visit("in_call", doctor=make_staff("doctor", username="dr.medicine1"))
    issued = make_prescription(now, visit)
    queue.drain()
    plain = read(issued, now)
    cancelling.cancel(again(issued), visit.doctor, "Wrong patient", by=Actor("staff", visit.doctor.uid), now=now)
    assert "CANCELLED" in text_of(read(issued, now))
    assert signatures_of(read(issued, now)) == []
    assert again(issued).is_unsigned
    queue.drain()
    signed = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}/prescription.pdf").data
    assert "CANCELLED" in text_of(signed)
    assert status_of(signed, at=now).bottom_line
    file = PrescriptionFile.get()
    assert (file.kind, file.signed_by) == ("cancelled", "Paramarsh demonstration")
    assert (again(issued).signature, again(issued).signed_by) == (MADE, "Dr Asha Verma")
    assert reading.kind_of(issued, file.sha256) == "cancelled"
    assert reading.file_of(again(issued), by=SYSTEM, now=now) == plain
    assert events("PrescriptionSigned")[-1]["kind"] == "cancelled"


def test_a_replaced_version_is_stamped_and_signed_and_so_is_the_new_one(
    folder: Path, usual_medicines, now: datetime, queue
) -> None:
    issued = make_prescription(now)
    queue.drain()
    begin(again(issued), now)
    write(issued, now, **{"items-0-quantity": "10"})
    newer = issue(issued, now)
    queue.drain()
    assert again(newer).signature == MADE
    assert status_of(read(newer, now), at=now).bottom_line
    old = read(issued, now)
    assert "REPLACED" in text_of(old)
    assert status_of(old, at=now).bottom_line


def test_one_cancelled_before_its_file_is_made_gets_both_files(folder: Path, db, now: datetime, queue) -> None:
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    queue.waiting.clear()
    cancelling.cancel(issued, visit.doctor, "Wrong patient", by=Actor("staff", visit.doctor.uid), now=now)
    making.make_pdf(issued.id, now)
    assert again(issued).signature == DUE
    queue.drain()
    assert again(issued).signature == MADE
    assert status_of(read(issued, now), at=now).bottom_line
    assert "CANCELLED" in text_of(read(issued, now))


def test_one_cancelled_while_it_is_signed_belatedly_is_stamped_next(
    folder: Path, db, now: datetime, queue, monkeypatch
) -> None:
    lose_password(folder)
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    queue.drain()
    find_password(folder)
    sign = signatures.sign

    def sign_slowly(*args, **kwargs):
        done = sign(*args, **kwargs)
        monkeypatch.undo()
        cancelling.cancel(again(issued), visit.doctor, "Wrong patient", by=Actor("staff", visit.doctor.uid), now=now)
        return done

    monkeypatch.setattr(signatures, "sign", sign_slowly)
    later.sign_pdf(issued.id, again(issued).next_at)
    assert again(issued).signature == DUE
    queue.drain()
    assert [row.kind for row in PrescriptionFile.select().order_by(PrescriptionFile.id)] == ["issued", "cancelled"]
    assert again(issued).signature == MADE


def test_an_attempt_that_comes_second_leaves_no_file(folder: Path, db, now: datetime, queue, config: Config) -> None:
    lose_password(folder)
    issued = make_prescription(now)
    queue.drain()
    find_password(folder)
    due = again(issued).next_at
    slow = later.LEASES.take(issued.id, due)
    kept = later._make(slow, "issued", due)
    later.sign_pdf(issued.id, due + later.LEASE + timedelta(seconds=1))
    assert again(issued).signature == MADE
    later._finish(slow, "issued", kept, due)
    files = {path.name for path in (config.data_dir / "prescriptions").iterdir()}
    assert files == {again(issued).stored_name, PrescriptionFile.get().stored_name}


def test_a_damaged_file_is_not_signed(folder: Path, db, now: datetime, queue, config: Config) -> None:
    lose_password(folder)
    issued = make_prescription(now)
    queue.drain()
    (config.data_dir / "prescriptions" / again(issued).stored_name).write_bytes(b"%PDF-1.7 damaged")
    find_password(folder)
    later.sign_pdf(issued.id, again(issued).next_at)
    assert (again(issued).signature, again(issued).failure) == (DUE, "its file is missing or damaged")


def test_a_stamped_file_that_is_damaged_is_stamped_while_it_is_read(
    folder: Path, db, now: datetime, queue, config
) -> None:
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    queue.drain()
    cancelling.cancel(again(issued), visit.doctor, "Wrong patient", by=Actor("staff", visit.doctor.uid), now=now)
    queue.drain()
    (config.data_dir / "prescriptions" / PrescriptionFile.get().stored_name).unlink()
    assert "CANCELLED" in text_of(read(issued, now))


def test_signing_that_is_switched_off_leaves_nothing_due(folder: Path, db, now: datetime, queue) -> None:
    lose_password(folder)
    issued = make_prescription(now)
    queue.drain()
    (folder / "organisation.p12").unlink()
    later.sweep_unsigned(again(issued).next_at)
    assert (again(issued).signature, PrescriptionFile.select().count()) == ("", 0)
    assert portal_clock.now() == now

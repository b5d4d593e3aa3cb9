"""Records: checked before a number is drawn, seen by the family and by the doctor who has the patient now."""

from datetime import timedelta
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from portal.core import settings
from portal.core.audit import Actor, AuditRow
from portal.core.errors import Conflict, Invalid, NotFound, TooBig, Unavailable, WrongKind
from portal.core.records import services
from portal.core.records.models import Record
from tests.core.records.test_files import jpeg, pdf_with_script
from tests.factories import make_account, make_staff, make_visit

FAMILY, DOCTOR = Actor("account", "x"), Actor("staff", "d")


def upload(content: bytes | None = None, name: str = "photo.jpg") -> FileStorage:
    return FileStorage(BytesIO(jpeg() if content is None else content), name)


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def add(visit, now, *uploads):
    return services.add_to_visit(visit, uploads or [upload()], by=FAMILY, now=now)


def test_an_upload_is_kept_unseen_until_it_is_clean(visit, now, queue):
    (kept,) = add(visit, now)
    assert kept.state == "checking"
    queue.drain()
    assert Record.get_by_id(kept.id).state == "ready"


def test_a_file_that_cannot_be_cleaned_is_refused_for_good(visit, now, queue):
    (kept,) = add(visit, now, upload(b"%PDF-1.7 broken", "a.pdf"))
    queue.drain()
    assert Record.get_by_id(kept.id).state == "refused"


def test_a_lost_queue_costs_only_delay(visit, now, queue):
    (kept,) = add(visit, now)
    queue.waiting.clear()
    services.sweep_unchecked(now + timedelta(seconds=30))
    assert Record.get_by_id(kept.id).state == "ready"


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"MZ program", "report.pdf", WrongKind),
        (b"%PDF-1.7", "report.exe", WrongKind),
        (b"", "empty.pdf", WrongKind),
        (b"%PDF-" + b"x" * (1024 * 1024), "big.pdf", TooBig),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_kept(visit, now, content, name, error):
    settings.put("record_max_mb", "1")
    with pytest.raises(error):
        add(visit, now, upload(content, name))
    assert not Record.select().exists()


def test_a_file_of_exactly_the_limit_is_taken(visit, now):
    settings.put("record_max_mb", "1")
    content = b"%PDF-" + b"x" * (1024 * 1024 - 5)
    assert services.check([upload(content, "a.pdf")])


def test_too_many_files_at_once_are_refused(visit, now):
    with pytest.raises(Invalid):
        add(visit, now, *[upload() for _ in range(7)])
    assert not Record.select().exists()


def test_no_file_is_asked_for_again(visit, now):
    with pytest.raises(Invalid):
        add(visit, now, FileStorage(BytesIO(b""), ""))


def test_nothing_is_added_to_a_visit_that_is_over(db, now):
    with pytest.raises(Conflict):
        add(make_visit("completed"), now)


def test_a_file_name_is_only_a_title(visit, now):
    (kept,) = add(visit, now, upload(name="../../etc/pass\x00wd\n.jpg"))
    assert kept.title == "passwd.jpg"


def test_another_family_does_not_find_it(visit, now):
    (kept,) = add(visit, now)
    with pytest.raises(NotFound):
        services.open_for_account(make_account(), kept.uid)


def test_the_doctor_reads_it_while_he_has_the_patient_and_it_is_on_record(visit, now, queue):
    (kept,) = add(visit, now)
    queue.drain()
    doctor = make_staff("doctor")
    with pytest.raises(NotFound):
        services.open_for_doctor(doctor, kept.uid, by=DOCTOR, now=now)
    type(visit).update(state="in_call", doctor=doctor).where(type(visit).id == visit.id).execute()
    assert services.open_for_doctor(doctor, kept.uid, by=DOCTOR, now=now) == kept
    assert AuditRow.select().where(AuditRow.action == "RecordRead").count() == 1


def test_the_doctor_gets_the_harmless_copy(visit, now, queue):
    (kept,) = add(visit, now, upload(pdf_with_script(), "a.pdf"))
    queue.drain()
    assert b"canary" not in services.content(Record.get_by_id(kept.id))


def test_a_file_changed_on_disk_is_not_served(visit, now, queue, config):
    (kept,) = add(visit, now)
    (config.data_dir / "records" / kept.stored_name).write_bytes(b"swapped")
    with pytest.raises(Unavailable):
        services.content(kept)


def test_a_record_is_taken_back_before_the_call_and_not_after(visit, now, config):
    first, second = add(visit, now, upload(), upload())
    services.remove(visit.beneficiary.account, first.uid, by=FAMILY, now=now)
    assert not (config.data_dir / "records" / first.stored_name).exists()
    type(visit).update(state="in_call", doctor=make_staff()).where(type(visit).id == visit.id).execute()
    with pytest.raises(Conflict):
        services.remove(visit.beneficiary.account, second.uid, by=FAMILY, now=now)


def test_leftovers_of_a_crash_are_swept_after_an_hour(visit, now, config):
    import os

    (kept,) = add(visit, now)
    orphan = config.data_dir / "records" / "orphan.part"
    orphan.write_bytes(b"x")
    old = now.timestamp() - 4000
    os.utime(orphan, (old, old))
    services.sweep_orphans(now)
    assert not orphan.exists()
    assert (config.data_dir / "records" / kept.stored_name).exists()

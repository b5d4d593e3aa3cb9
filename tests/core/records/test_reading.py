"""Records are read by the family and by the treating doctor, and only as they were stored."""

import pytest

from portal.base.errors import NotFound, Unavailable
from portal.core.records import reading
from portal.core.records.models import Record
from portal.work.audit import Actor, AuditRow
from tests.core.records.papers import everything_hidden
from tests.core.records.test_services import add, upload
from tests.factories import make_account, make_staff, make_visit

DOCTOR = Actor("staff", "d")


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def test_another_family_gets_not_found(visit, now):
    (kept,) = add(visit, now)
    with pytest.raises(NotFound):
        reading.open_for_account(make_account(), kept.uid)


def test_the_treating_doctor_can_read_it_and_that_is_audited(visit, now, queue):
    (kept,) = add(visit, now)
    queue.drain()
    doctor = make_staff("doctor")
    with pytest.raises(NotFound):
        reading.open_for_doctor(doctor, kept.uid, by=DOCTOR, now=now)
    type(visit).update(state="in_call", doctor=doctor).where(type(visit).id == visit.id).execute()
    assert reading.open_for_doctor(doctor, kept.uid, by=DOCTOR, now=now) == kept
    assert AuditRow.select().where(AuditRow.action == "RecordRead").count() == 1


def test_the_doctor_gets_the_sanitised_copy(visit, now, queue):
    (kept,) = add(visit, now, upload(everything_hidden(), "a.pdf"))
    queue.drain()
    assert b"canary" not in reading.content(Record.get_by_id(kept.id))


@pytest.mark.parametrize("state", ["checking", "locked", "refused"])
def test_the_doctor_cannot_read_a_record_that_is_not_cleaned(visit, now, state):
    (kept,) = add(visit, now)
    doctor = make_staff("doctor")
    type(visit).update(state="in_call", doctor=doctor).where(type(visit).id == visit.id).execute()
    Record.update(state=state).execute()
    with pytest.raises(NotFound):
        reading.open_for_doctor(doctor, kept.uid, by=DOCTOR, now=now)


def test_a_damaged_file_is_not_served(visit, now, config):
    (kept,) = add(visit, now)
    (config.data_dir / "records" / kept.stored_name).write_bytes(b"swapped")
    with pytest.raises(Unavailable):
        reading.content(kept)

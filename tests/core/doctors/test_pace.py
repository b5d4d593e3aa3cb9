"""The doctor reads how long a consultation takes and who waits; nobody else does, and nothing is stopped."""

from datetime import timedelta

import pytest

from portal.core.visits import calling
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from tests.factories import make_session, make_staff, make_visit


@pytest.fixture
def visit(db):
    """A patient who has just pressed "Call now"."""
    called = make_visit("called")
    calling.accept_call(called, by=SYSTEM, now=called.state_since)
    return Visit.get()


def pace(sign_in, visit) -> str:
    answer = sign_in(visit.doctor).get(f"/visits/{visit.uid}/pace")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_beyond_the_minutes_that_are_meant_the_doctor_reads_so(visit, sign_in, clock):
    clock.tick(9 * 60)
    assert "With the patient for 9 min" in pace(sign_in, visit)
    assert "are meant" not in pace(sign_in, visit)
    clock.tick(60)
    assert "With the patient for 10 min (10 are meant)" in pace(sign_in, visit)


def test_the_minutes_count_from_the_first_call_also_while_writing(visit, sign_in, clock):
    clock.tick(12 * 60)
    Visit.update(state="writing", state_since=visit.state_since + timedelta(minutes=12)).execute()
    assert "With the patient for 12 min" in pace(sign_in, visit)


def test_the_administrator_may_set_no_minutes(visit, sign_in, clock):
    put("consult_budget_minutes", "0")
    clock.tick(3600)
    assert "are meant" not in pace(sign_in, visit)


def test_who_waits_too_long_in_the_same_queue_is_counted(visit, sign_in, now):
    for minutes in (29, 30, 45):
        make_visit(session=visit.session, requested_at=now - timedelta(minutes=minutes))
    make_visit("cancelled", session=visit.session, requested_at=now - timedelta(minutes=50))
    assert "Waiting over 30 min: 2" in pace(sign_in, visit)


def test_another_doctor_and_the_patient_read_nothing(visit, sign_in):
    assert sign_in(make_staff("doctor")).get(f"/visits/{visit.uid}/pace").status_code == 404
    assert sign_in(visit.beneficiary).get(f"/visits/{visit.uid}/pace").status_code in (303, 403)


def test_before_the_patient_is_there_the_line_is_empty(db, sign_in):
    called = make_visit("called", session=make_session())
    assert "min" not in pace(sign_in, called).partition(">")[2]

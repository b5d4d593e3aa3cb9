"""Series of the clinic: what its rows say at the time of the scrape."""

from datetime import timedelta

import pytest

from portal.core.accounts import sign_ins
from portal.core.calls.models import CallRoom
from portal.core.clinic.models import ClinicSession
from portal.core.visits.models import Visit
from tests.factories import make_beneficiary, make_duty, make_session, make_specialty, make_staff, make_visit
from tests.metrics.scraped import scrape


@pytest.fixture
def session(db):
    return make_session()


def test_an_empty_clinic_has_zeros_and_no_gaps(client, session):
    found = scrape(client)
    for state in ("waiting", "called", "in_call", "writing", "awaiting_recall"):
        assert found.value("portal_visits", specialty="medicine", state=state) == 0
    assert found.value("portal_wait_longest_seconds", specialty="medicine") == 0
    assert found.value("portal_doctors", specialty="medicine", duty="on") == 0
    assert found.value("portal_sessions_open") == 1


def test_those_who_wait_count_by_specialty_and_the_first_says_how_long(client, session, now, clock):
    other = make_specialty("eye")
    first = make_visit(session=session)
    Visit.update(requested_at=now - timedelta(minutes=50)).where(Visit.id == first.id).execute()
    make_visit(session=session)
    make_visit("in_call", session=session)
    make_visit("completed", session=session)
    make_visit(session=make_session(specialty=other))
    clock.tick(60)
    found = scrape(client)
    assert found.value("portal_visits", specialty="medicine", state="waiting") == 2
    assert found.value("portal_visits", specialty="medicine", state="in_call") == 1
    assert found.value("portal_visits", specialty="medicine", state="completed") is None
    assert found.value("portal_wait_longest_seconds", specialty="medicine") == 51 * 60
    assert found.value("portal_wait_longest_seconds", specialty="eye") == 60
    assert found.value("portal_sessions_open") == 2


def test_a_token_of_a_later_day_does_not_wait_yet(client, session, now):
    visit = make_visit(session=session)
    Visit.update(requested_at=now - timedelta(hours=30)).where(Visit.id == visit.id).execute()
    ClinicSession.update(opens_at=now + timedelta(days=1)).execute()
    found = scrape(client)
    assert found.value("portal_wait_longest_seconds", specialty="medicine") == 0
    assert found.value("portal_sessions_open") == 0


def test_doctors_count_by_duty_and_calls_by_plugin(client, session, now):
    visit, old = make_visit("in_call", session=session), make_visit("completed", session=session)
    make_duty(visit.doctor, session)
    make_duty(make_staff(), session, "break20")
    make_duty(make_staff(), session, "off")
    for row, attempt in ((visit, visit.attempt), (visit, visit.attempt + 1), (old, old.attempt)):
        CallRoom.create(visit=row, attempt=attempt, provider="video_webrtc", name="room", opened_at=now)
    found = scrape(client)
    assert found.value("portal_doctors", specialty="medicine", duty="on") == 1
    assert found.value("portal_doctors", specialty="medicine", duty="break") == 1
    assert found.value("portal_calls_open", provider="video_webrtc") == 1


def test_sign_ins_count_by_role_until_they_end(client, session, now, clock):
    doctor, person = make_staff(), make_beneficiary()
    ended = sign_ins.start(staff=make_staff("admin"), account=None, now=now)
    sign_ins.start(staff=doctor, account=None, now=now)
    sign_ins.start(staff=None, account=person.account, now=now)
    sign_ins.end(ended, now=now)
    found = scrape(client)
    assert [found.value("portal_sign_ins", role=role) for role in ("doctor", "beneficiary", "admin")] == [1, 1, None]
    clock.tick(400 * 24 * 3600)
    assert scrape(client).value("portal_sign_ins", role="doctor") is None

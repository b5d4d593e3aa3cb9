"""More time for a call, once; what a waiting patient reads and presses."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.core.visits import calling
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from tests.factories import (
    make_beneficiary,
    make_duty,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)


@pytest.fixture
def called(db):
    return make_visit("called", beneficiary=make_beneficiary())


def test_the_deadline_of_a_call_is_extended_once(called, sign_in):
    """By the button of a page that was open when the call came."""
    browser, page = sign_in(called.beneficiary), f"/visits/{called.uid}"
    assert "I need more time" in browser.get(page, headers={"X-Background": "1"}).text
    assert browser.submit(f"{page}/more-time", page="/help").status_code == 303
    assert Visit.get().call_deadline == called.call_deadline + timedelta(seconds=120)
    assert "I need more time" not in browser.get(page).text
    assert browser.submit(f"{page}/more-time", page=page).status_code == 409
    assert Visit.get().call_deadline == called.call_deadline + timedelta(seconds=120)


def test_opening_the_page_after_the_call_came_extends_it_once(called, sign_in):
    browser, page = sign_in(called.beneficiary), f"/visits/{called.uid}"
    browser.get(page, headers={"HX-Request": "true"})
    browser.get(page, headers={"Accept": "application/json"})
    assert Visit.get().call_deadline == called.call_deadline
    for _ in range(2):
        assert "Call now" in browser.get(page).text
        assert Visit.get().call_deadline == called.call_deadline + timedelta(seconds=120)


def test_a_stranger_extends_no_call(called, client, sign_in):
    client.get(f"/visits/{called.uid}")
    client.get(f"/login?next=/visits/{called.uid}")
    sign_in(make_beneficiary()).get(f"/visits/{called.uid}")
    assert Visit.get().call_deadline == called.call_deadline


def test_only_a_call_before_its_deadline_is_extended(called, clock):
    with pytest.raises(Conflict):
        calling.give_more_time(make_visit(), by=SYSTEM, now=clock.now())
    with pytest.raises(Conflict):
        calling.give_more_time(called, by=SYSTEM, now=clock.tick(120))


def test_of_two_concurrent_requests_for_more_time_one_conflicts(called, now):
    other = Visit.get()
    calling.give_more_time(called, by=SYSTEM, now=now)
    with pytest.raises(Conflict):
        calling.give_more_time(other, by=SYSTEM, now=now)
    assert Visit.get().call_deadline == now + timedelta(seconds=240)


def test_the_administrator_may_allow_no_more_time(called, sign_in, now):
    put("more_time_seconds", "0")
    assert "I need more time" not in sign_in(called.beneficiary).get(f"/visits/{called.uid}").text
    with pytest.raises(Conflict):
        calling.give_more_time(called, by=SYSTEM, now=now)


def test_who_is_next_without_a_doctor_reads_so(db, sign_in):
    visit = make_visit()
    browser, page = sign_in(visit.beneficiary), f"/visits/{visit.uid}"
    alone = browser.get(page).text
    assert "No doctor is on duty just now. When one comes, you are called first." in alone
    assert "You are next" not in alone, "nobody is there to call"
    make_duty(make_staff("doctor", specialty=visit.session.specialty), visit.session)
    served = browser.get(page).text
    assert "Stay on this page. The doctor calls you here." in served
    assert "You are next" in served


def test_i_am_here_stands_only_where_it_does_something(db, sign_in, now):
    missed, later = make_visit("called", call_deadline=now - timedelta(seconds=1)), now + timedelta(days=1)
    session = make_session(
        specialty=make_specialty("eye"), day=clinic_day(later), opens_at=later, closes_at=later + timedelta(hours=3)
    )
    for visit in (missed, make_visit(session=session)):
        assert "I am here" not in sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    for visit in (make_visit("waiting"), make_visit("awaiting_recall")):
        assert "I am here" in sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text

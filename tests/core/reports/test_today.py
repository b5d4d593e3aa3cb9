"""The report of today: who waits, with which doctors, and what needs the administrator, in numbers alone."""

from datetime import timedelta

import pytest

from portal.core.admin.overview import overview
from portal.core.messages.models import Message
from portal.core.reports.today import Today, today
from portal.core.visits.models import Visit
from tests.factories import make_beneficiary, make_duty, make_session, make_specialty, make_staff, make_visit


@pytest.fixture
def morning(db, now):
    """A session with one visit in each state that a page tells apart, and a doctor."""
    session, doctor = make_session(), make_staff("doctor")
    make_duty(doctor, session)
    for state in ("waiting", "waiting", "awaiting_recall", "in_call", "completed", "no_show", "cancelled", "expired"):
        make_visit(state, session=session, doctor=doctor if state in {"in_call", "completed"} else None)
    return session, doctor


def report(moment) -> Today:
    return today(overview(moment).sessions, moment)


def make_message(now, state: str) -> Message:
    fields = {"cause": f"c-{state}", "to": "+919800000001", "template": "token", "language": "en", "values": {}}
    return Message.create(state=state, created_at=now, expires_at=now, next_at=now, **fields)


def test_each_token_is_counted_at_one_stage(morning, now):
    (queue,) = report(now).queues
    counted = {stage: count for stage, count in queue.stages.items() if count}
    assert counted == {"waiting": 2, "missed": 1, "in_call": 1, "done": 1, "no_show": 1, "gone": 2}
    assert queue.total == Visit.select().count()


def test_the_parts_of_a_bar_fill_it(morning, now):
    parts = report(now).queues[0].parts
    assert sum(width for _stage, _x, width in parts) == pytest.approx(100, abs=0.1)
    assert [x for _stage, x, _width in parts] == sorted(x for _stage, x, _width in parts)


def test_the_longest_wait_is_of_the_oldest_request_that_waits(morning, now):
    oldest = Visit.select().where(Visit.state == "waiting").first()
    Visit.update(requested_at=now - timedelta(minutes=25)).where(Visit.id == oldest.id).execute()
    assert report(now).longest == 25


def test_nobody_waits_for_a_doctor_before_the_session_opens(morning, now):
    session, _doctor = morning
    Visit.update(requested_at=session.opens_at - timedelta(hours=2)).execute()
    assert report(session.opens_at + timedelta(minutes=4)).longest == 4


def test_without_anybody_waiting_there_is_no_longest_wait(db, now):
    make_visit("completed")
    assert report(now).longest is None


def test_a_doctor_s_load_is_what_is_done_what_is_with_the_doctor_and_who_waits_for_each(morning, now):
    session, doctor = morning
    make_duty(make_staff("doctor", name="Dr Imran"), session, "break10")
    load = next(each for each in report(now).loads if each.doctor == doctor)
    token = Visit.get(Visit.state == "in_call").token
    assert (load.done, load.token, load.waiting_each) == (1, token, 1.5)


def test_texts_of_today_are_counted_and_those_of_yesterday_are_not(db, now):
    for state in ("delivered", "sent", "failed"):
        make_message(now, state)
    make_message(now - timedelta(days=1), "expired")
    assert dict(report(now).texts) == {"delivered": 1, "way": 1, "failed": 1}


def test_the_page_shows_numbers_and_no_name_of_a_patient(morning, sign_in):
    make_visit("waiting", session=morning[0], beneficiary=make_beneficiary(name="Kamala Devi", name_hi="कमला देवी"))
    page = sign_in(make_staff("admin")).get("/admin/reports").text
    assert "Dr Asha Verma" in page
    assert not [name for name in ("Kamala", "Ramesh", "कमला") if name in page]


def test_the_page_says_what_needs_the_administrator(morning, sign_in):
    assert "The worker is not running" in sign_in(make_staff("admin")).get("/admin/reports").text


def test_a_queue_that_no_doctor_serves_is_marked(db, sign_in):
    make_visit("waiting", session=make_session(specialty=make_specialty("eye")))
    assert "nobody calls" in sign_in(make_staff("admin")).get("/admin/reports").text


def test_the_page_asks_for_itself_again_and_gets_its_part_alone(morning, sign_in):
    part = sign_in(make_staff("admin")).get("/admin/reports", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="today"')
    assert "<html" not in part


def test_only_administrators_see_it(db, sign_in):
    assert sign_in(make_staff("doctor")).get("/admin/reports").status_code == 403

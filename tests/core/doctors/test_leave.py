"""Leave of doctors, and carried tokens: everybody concerned is told by SMS."""

from datetime import date, time, timedelta

import pytest

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import Conflict, Invalid
from portal.core.boards import patient_status
from portal.core.clinic.models import ClinicSession
from portal.core.doctors import leave
from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.referrals.checks import EXEMPT_AGE, Gate
from portal.core.rosters.models import DoctorDay
from portal.core.visits import attendance, services, sweeps
from portal.core.visits.attendance import serving
from portal.core.visits.models import Duty, Visit
from portal.settings.clinic import put
from portal.work.audit import Actor
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_staff
from tests.factories import make_visit as visit_of
from tests.noted import actor_of, noted

ADMIN = Actor("staff", "admin")


TOMORROW = date(2026, 11, 24)


def away(doctor, now, day=None) -> None:
    leave.take_leave(doctor, day or clinic_day(now), reason="ill", by=ADMIN, now=now)


def test_with_a_colleague_left_the_tokens_stay_in_the_queue(db, now):
    doctor, _colleague = make_staff(), make_staff()
    make_duty(doctor, make_session(), "on")
    visit = visit_of(wanted_doctor=doctor)
    away(doctor, now)
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.wanted_doctor, Duty.get().state) == ("waiting", None, "off")


def test_leave_of_today_makes_what_screens_keep_of_the_session_stale(db, now):
    doctor, _colleague, session = make_staff(), make_staff(), make_session()
    make_duty(doctor, session, "on")
    before = ClinicSession.get_by_id(session.id).version
    away(doctor, now)
    assert ClinicSession.get_by_id(session.id).version > before


def test_an_administrator_names_the_doctor_and_a_doctor_only_himself(db, sign_in):
    doctor = make_staff(name="Dr Meera Nair")
    offered = sign_in(make_staff("admin")).get("/leave").text
    assert 'name="doctor"' in offered
    assert "Dr Meera Nair" in offered
    assert 'name="doctor"' not in sign_in(doctor).get("/leave").text


def test_without_any_doctor_tokens_are_carried_to_the_front_of_the_next_day(db, queue, now):
    doctor, (first, second) = make_staff(), (visit_of(), visit_of())
    away(doctor, now)
    news = [Visit.get_by_id(visit.id).moved_to for visit in (first, second)]
    assert [(new.session.day, new.number, new.state, new.carries) for new in news] == [
        (TOMORROW, 1, "waiting", 1),
        (TOMORROW, 2, "waiting", 1),
    ]
    late = visit_of(session=news[0].session)
    assert [patient_status.position(visit, now) for visit in (*news, late)] == [0, 1, 2]
    queue.drain()
    told = Message.select().where(Message.template == "session_cancelled").order_by(Message.id).first()
    assert text_of(told) == (
        "Token MED-001 of 23-11-2026 cannot be served. New token MED-001 for 24-11. Please sign in to see more. -CGHSTC"
    )


def test_a_token_is_carried_once_and_not_beyond_its_referral(db, queue, now):
    doctor, person = make_staff(), make_beneficiary()
    carried = visit_of(carries=1)
    ends = visit_of(beneficiary=person, referral=make_referral(person.entry, valid_until=clinic_day(now)))
    away(doctor, now)
    assert [Visit.get_by_id(visit.id).state for visit in (carried, ends)] == ["cancelled", "cancelled"]
    queue.drain()
    texts = [text_of(row) for row in Message.select()]
    assert all("Please request a new token" in text for text in texts)


def test_a_token_is_carried_to_the_last_day_of_its_referral(db, queue, now):
    doctor, person = make_staff(), make_beneficiary()
    kept = visit_of(beneficiary=person, referral=make_referral(person.entry, valid_until=TOMORROW))
    away(doctor, now)
    after = Visit.get_by_id(kept.id)
    assert (after.state, after.moved_to.session.day) == ("carried", TOMORROW)


def test_the_next_clinic_day_skips_days_without_a_doctor(db, now):
    doctor, visit = make_staff(), visit_of()
    away(doctor, now, TOMORROW)
    away(doctor, now)
    assert Visit.get_by_id(visit.id).moved_to.session.day == date(2026, 11, 25)


def test_no_token_is_issued_while_every_doctor_is_on_leave(db, now):
    doctor = make_staff()
    away(doctor, now)
    gate = Gate(None, EXEMPT_AGE, False)
    with pytest.raises(Conflict, match="No doctor of this specialty is there today"):
        services.request_token(make_beneficiary(), doctor.specialty, "pain", gate=gate, by=ADMIN, now=now)


def test_leave_is_refused_with_a_patient_twice_and_for_a_past_day(db, now):
    doctor = make_staff()
    visit = visit_of("in_call", doctor=doctor)
    with pytest.raises(Conflict, match="There is still a patient with this doctor"):
        away(doctor, now)
    services.complete(visit, by=ADMIN, now=now)
    away(doctor, now)
    with pytest.raises(Conflict, match="marked as away on that day already"):
        away(doctor, now)
    with pytest.raises(Invalid) as refusal:
        away(doctor, now, clinic_day(now) - timedelta(days=1))
    assert set(refusal.value.fields) == {"day"}


def test_at_closing_time_tokens_are_carried_if_the_setting_allows_it(db, now):
    put("carries_at_closing", "1")
    visit, missed = visit_of(), visit_of("awaiting_recall")
    sweeps.close_sessions(make_session().closes_at)
    for row in (visit, missed):
        after = Visit.get_by_id(row.id)
        assert (after.state, after.moved_to.session.day, after.moved_to.here_until) == ("carried", TOMORROW, None)


@pytest.fixture
def after_midnight(db, clock):
    """00:20 on Tuesday; Monday's session, open until 23:59, is still being served. The doctor and a patient."""
    monday = date(2026, 11, 23)
    doctor = make_staff()
    session = make_session(opens_at=at_ist(monday, time(9)), closes_at=at_ist(monday, time(23, 59)))
    make_duty(doctor, session, "on")
    visit = visit_of(session=session, wanted_doctor=doctor)
    clock.set(at_ist(TOMORROW, time(0, 20)))
    return doctor, visit


def test_leave_after_midnight_covers_yesterdays_session(after_midnight, queue, clock):
    doctor, visit = after_midnight
    assert serving(visit.session.specialty, clock.now()) == visit.session
    away(doctor, clock.now())
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.wanted_doctor, after.moved_to.session.day) == ("carried", None, date(2026, 11, 25))
    assert attendance.duty_state(doctor, visit.session) == "off"
    queue.drain()
    told = Message.get(Message.template == "session_cancelled")
    assert text_of(told).startswith("Token MED-001 of 23-11-2026 cannot be served. New token MED-001 for 25-11.")


def test_with_a_colleague_on_duty_since_yesterday_the_tokens_stay(after_midnight, clock):
    doctor, visit = after_midnight
    colleague = make_staff()
    make_duty(colleague, visit.session, "on")
    away(doctor, clock.now())
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.wanted_doctor) == ("waiting", None)
    assert [row.doctor for row in attendance.present(visit.session)] == [colleague]


def test_with_only_a_colleague_of_today_the_tokens_are_carried_to_today(after_midnight, clock):
    doctor, visit = after_midnight
    make_staff()
    away(doctor, clock.now())
    assert Visit.get_by_id(visit.id).moved_to.session.day == TOMORROW


def test_leave_on_a_later_day_does_not_affect_yesterdays_session(after_midnight, clock):
    doctor, visit = after_midnight
    away(doctor, clock.now(), date(2026, 11, 25))
    assert Visit.get_by_id(visit.id).state == "waiting"
    assert attendance.duty_state(doctor, visit.session) == "on"


def test_taking_and_ending_leave_are_audited(db, now):
    doctor, by, day = make_staff(), actor_of(make_staff("admin")), clinic_day(now)
    taken = noted(lambda: leave.take_leave(doctor, day, reason="ill", by=by, now=now))
    ended = noted(lambda: leave.end_leave(doctor, day, by=by, now=now))
    assert [*taken, *ended] == [("LeaveTaken", by, doctor.uid), ("LeaveEnded", by, doctor.uid)]


def test_a_doctor_ends_a_half_day_but_no_day_that_a_swap_gave(db, now, sign_in):
    doctor = make_staff()
    today = clinic_day(now)
    given = DoctorDay.create(doctor=doctor, day=today + timedelta(days=1), part="d")
    half = DoctorDay.create(doctor=doctor, day=today + timedelta(days=2), part="1")
    browser = sign_in(doctor)
    answers = [browser.submit("/leave/end", {"day": row.day.isoformat()}, page="/leave") for row in (given, half)]
    assert [answer.status_code for answer in answers] == [404, 303]
    assert [row.id for row in DoctorDay.select()] == [given.id]

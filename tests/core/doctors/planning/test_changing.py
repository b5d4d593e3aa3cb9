"""Changes of rosters: what tokens meet, what the question shows, history, and changing back."""

from datetime import date, time

import pytest

from portal.base.clock import at_ist
from portal.base.errors import Conflict
from portal.core.clinic import sessions
from portal.core.clinic.models import ClinicSession
from portal.core.doctors.planning import changing
from portal.core.doctors.planning.deeds import FULL, NOBODY, Deed
from portal.core.doctors.planning.effects import effect_of
from portal.core.referrals.checks import EXEMPT_AGE, Gate
from portal.core.rosters.book import DATE, LEAVE, WEEK, WEEKDAY
from portal.core.rosters.models import Leave
from portal.core.visits import services
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from tests.factories import make_beneficiary, make_duty, make_session, make_specialty, make_staff, make_visit

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)  # a Monday


@pytest.fixture
def by(db):
    return Actor("staff", make_staff("admin").uid)


def deed(kind, facts, specialty=None):
    return Deed(kind, specialty or make_specialty(), facts)


def do(wanted, by, now):
    return changing.change_roster(wanted, effect_of(wanted, now).seen, by=by, now=now)


def week_of(doctor, days, begins=TODAY):
    return deed("week", {(WEEK, doctor.id, begins.isoformat()): {"ends": None, "days": days}})


def rule(**values):
    return {"is_open": True, "opens_at": None, "closes_at": None, "quota": None, "reason": ""} | values


def closing(day=TODAY, **values):
    return deed("date", {(DATE, make_specialty().id, day.isoformat()): rule(is_open=False, **values)})


def ask(now):
    return services.request_token(
        make_beneficiary(),
        make_specialty(),
        "fever",
        gate=Gate(None, EXEMPT_AGE, urgent=False),
        by=Actor("account", "a"),
        now=now,
    )


def test_without_a_roster_tokens_are_given_as_before(db, now):
    make_staff()
    assert ask(now).state == "waiting"


def test_on_a_day_without_a_doctor_on_the_roster_no_token_is_given_and_the_next_day_is_told(by, now):
    do(week_of(make_staff(), "-d-----"), by, now)
    with pytest.raises(
        Conflict, match=r"No doctor of this specialty is there today\. The next day with a doctor is 24 Nov"
    ):
        ask(now)


def test_when_no_doctor_is_ahead_the_helpline_is_named(by, now):
    do(week_of(make_staff(), "-------"), by, now)
    with pytest.raises(Conflict, match="Please call the helpline"):
        ask(now)


def test_a_doctor_on_duty_without_being_on_the_roster_opens_the_tokens(by, now):
    doctor = make_staff()
    do(week_of(doctor, "-d-----"), by, now)
    make_duty(doctor, make_session())
    assert ask(now).state == "waiting"


def test_when_only_the_first_half_has_a_doctor_tokens_end_with_it(by, now):
    do(week_of(make_staff(), "1------"), by, now)
    assert ask(at_ist(TODAY, time(10, 29))).number == 1
    with pytest.raises(Conflict, match="No doctor of this specialty is there today"):
        ask(at_ist(TODAY, time(10, 30)))


def test_a_new_session_has_the_hours_and_quota_of_its_weekday(by, now):
    specialty = make_specialty()
    do(deed("hours", {(WEEKDAY, specialty.id, "1"): rule(opens_at="10:00", closes_at="13:00", quota=7)}), by, now)
    session = ClinicSession.get()
    assert (session.opens_at, session.closes_at, session.quota) == (
        at_ist(TODAY, time(10)),
        at_ist(TODAY, time(13)),
        7,
    )


def test_the_quota_of_a_day_is_enforced(by, now):
    do(deed("date", {(DATE, make_specialty().id, TODAY.isoformat()): rule(quota=1)}), by, now)
    ask(now)
    with pytest.raises(Conflict, match="All tokens of today"):
        ask(now)


def test_on_a_closed_day_no_token_is_given_and_the_next_day_has_its_own_hours(by, now):
    do(
        deed("date", {(DATE, make_specialty().id, TOMORROW.isoformat()): rule(opens_at="10:30", closes_at="12:30")}),
        by,
        now,
    )
    do(closing(), by, now)
    with pytest.raises(Conflict, match="opens next on 24 Nov 2026, 10:30"):
        ask(now)


def test_a_weekday_on_which_a_specialty_is_closed_creates_no_session(by, now):
    do(deed("hours", {(WEEKDAY, make_specialty().id, "1"): rule(is_open=False)}), by, now)
    ClinicSession.delete().execute()
    with pytest.raises(Conflict, match="The clinic is closed now"):
        sessions.session_for(make_specialty(), now)
    assert not ClinicSession.select().exists()


def test_tokens_of_a_day_that_loses_its_doctor_are_carried(by, now):
    doctor, visit = make_staff(), make_visit()
    do(week_of(doctor, "-d-----"), by, now)
    moved = Visit.get_by_id(visit.id).moved_to
    assert (moved.session.day, moved.state) == (TOMORROW, "waiting")


def test_fewer_tokens_than_given_stay_and_are_counted(by, now):
    visits = [make_visit(), make_visit(), make_visit()]
    wanted = deed("date", {(DATE, make_specialty().id, TODAY.isoformat()): rule(quota=1)})
    day = effect_of(wanted, now).days[0]
    assert (day.kinds, day.beyond) == ((FULL,), 2)
    do(wanted, by, now)
    assert {Visit.get_by_id(visit.id).state for visit in visits} == {"waiting"}
    assert ClinicSession.get().quota == 1


def test_a_change_that_changes_nothing_is_refused(by, now):
    doctor = make_staff()
    do(week_of(doctor, "ddddddd"), by, now)
    with pytest.raises(Conflict, match="It is so already"):
        do(week_of(doctor, "ddddddd"), by, now)


def test_leave_through_the_roster_is_the_same_leave(by, now):
    doctor, visit = make_staff(), make_visit()
    wanted = deed("leave", {(LEAVE, doctor.id, TODAY.isoformat()): {"reason": "ill"}})
    assert effect_of(wanted, now).days[0].kinds == (NOBODY,)
    row = do(wanted, by, now)
    assert (Leave.get().doctor, Leave.get().reason) == (doctor, "ill")
    assert Visit.get_by_id(visit.id).state == "carried"
    do(changing.undoing(row.uid, now), by, now)
    assert not Leave.select().exists()

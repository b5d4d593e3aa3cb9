"""Sessions and those who wait, once a roster is changed."""

from datetime import time, timedelta

import pytest

from portal.base.clock import at_ist
from portal.base.errors import Conflict
from portal.core.clinic.models import ClinicSession
from portal.core.doctors.planning.deeds import EARLIER
from portal.core.doctors.planning.effects import effect_of
from portal.core.rosters.book import DATE, LEAVE
from portal.core.rosters.models import RosterChange
from portal.core.visits.models import Announcement, Visit
from portal.settings.clinic import put
from tests.core.doctors.planning.test_changing import TODAY, TOMORROW, closing, deed, do, rule, week_of
from tests.core.doctors.planning.test_changing import by as by
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit


def test_a_colleague_on_duty_keeps_the_tokens(by, now):
    doctor, visit = make_staff(), make_visit()
    make_duty(doctor, visit.session)
    do(week_of(doctor, "-------"), by, now)
    assert Visit.get_by_id(visit.id).state == "waiting"


def test_a_closed_day_cancels_tokens_that_may_not_be_carried(by, now):
    make_staff()
    visit = make_visit()
    put("carries_on_leave", "0")
    do(closing(), by, now)
    assert Visit.get_by_id(visit.id).state == "cancelled"
    assert ClinicSession.get_by_id(visit.session_id).closed_at == now


def test_a_day_is_not_closed_while_a_patient_is_with_a_doctor(by, now):
    visit = make_visit("in_call", doctor=make_staff())
    with pytest.raises(Conflict, match="still a patient"):
        do(closing(), by, now)
    assert not RosterChange.select().exists()
    assert ClinicSession.get_by_id(visit.session_id).closed_at is None


def test_an_earlier_closing_today_is_announced_to_those_who_wait(by, now):
    make_visit()
    wanted = deed("date", {(DATE, make_specialty().id, TODAY.isoformat()): rule(closes_at="11:00")})
    assert effect_of(wanted, now).days[0].kinds == (EARLIER,)
    do(wanted, by, now)
    assert ClinicSession.get().closes_at == at_ist(TODAY, time(11))
    assert Announcement.get().kind == "early"


def test_a_quota_set_for_one_session_stays_when_only_hours_change(by, now):
    session = make_session(quota=33)
    do(deed("date", {(DATE, make_specialty().id, TODAY.isoformat()): rule(closes_at="11:00")}), by, now)
    assert ClinicSession.get_by_id(session.id).quota == 33


def test_a_specialty_that_is_closed_on_the_next_day_is_skipped_when_tokens_are_carried(by, now):
    doctor, visit = make_staff(), make_visit()
    do(closing(TOMORROW), by, now)
    do(deed("leave", {(LEAVE, doctor.id, TODAY.isoformat()): {"reason": ""}}), by, now)
    assert Visit.get_by_id(visit.id).moved_to.session.day == TOMORROW + timedelta(days=1)

"""Token requests: gapless unique numbers, one open visit per person, booking window, quota, stored priority."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from portal.base.clock import IST
from portal.base.errors import Conflict
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic import sessions
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.referrals.checks import Gate
from portal.core.visits import services
from portal.core.visits.models import Transition, Visit
from portal.settings.clinic import put
from portal.settings.stored import Setting
from portal.store.db import database
from portal.work.audit import Actor
from portal.work.events import Event
from tests.factories import make_beneficiary, make_session, make_specialty, make_visit

OPEN_GATE = Gate(None, "EXEMPT_AGE", False)
PATIENT = Actor("account", "someone")


def ask(beneficiary: Beneficiary, now: datetime, gate: Gate = OPEN_GATE) -> Visit:
    return services.request_token(beneficiary, make_specialty(), "Fever", gate=gate, by=PATIENT, now=now)


def test_a_token_request_draws_the_next_number_and_records_the_event(db, now):
    make_visit()
    visit = ask(make_beneficiary(), now)
    assert (visit.token, visit.state, visit.session.day) == ("MED-002", "waiting", date(2026, 11, 23))
    step = Transition.get(Transition.visit == visit)
    assert (step.from_state, step.to_state, step.actor_uid) == ("", "waiting", "someone")
    event = Event.get(Event.name == "TokenIssued")
    assert (event.subject, event.data["token"], event.data["patient_id"]) == (
        visit.uid,
        "MED-002",
        visit.beneficiary.patient_id,
    )
    assert visit.beneficiary.entry.mobile not in str(event.data)


def test_fifty_concurrent_requests_get_fifty_numbers_without_a_gap(db, now):
    people = [make_beneficiary() for _ in range(50)]
    make_specialty()

    def press(person: Beneficiary) -> int:
        try:
            return ask(person, now).number
        finally:
            database.close()

    with ThreadPoolExecutor(16) as pool:
        numbers = sorted(pool.map(press, people))
    assert numbers == list(range(1, 51))
    assert ClinicSession.get().last_number == 50
    assert Event.select().where(Event.name == "TokenIssued").count() == 50


def test_twenty_concurrent_requests_of_one_person_make_one_token(db, now):
    person = make_beneficiary()
    make_session()

    def press(_: int) -> bool:
        try:
            ask(person, now)
        except services.LiveToken:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(press, range(20))) == 1
    assert (Visit.select().count(), ClinicSession.get().last_number) == (1, 1)


def test_a_second_request_is_refused_and_names_the_open_token(db, now):
    person = make_beneficiary()
    first = ask(person, now)
    with pytest.raises(services.LiveToken) as refusal:
        ask(person, now)
    assert refusal.value.message.startswith("This person has token MED-001 already")
    assert "/" not in refusal.value.message  # no address is read aloud: the page links to it
    assert refusal.value.visit == first


def test_after_a_final_state_the_person_may_request_again(db, now):
    person = make_beneficiary()
    services.cancel(ask(person, now), by=PATIENT, now=now)
    assert ask(person, now).number == 2


def test_the_quota_is_the_last_number(db, now):
    make_session(quota=1)
    ask(make_beneficiary(), now)
    with pytest.raises(Conflict, match="All tokens of today for this doctor are taken"):
        ask(make_beneficiary(), now)
    assert (Visit.select().count(), ClinicSession.get().last_number) == (1, 1)


def test_a_failed_request_rolls_back_the_counter(db, now, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(services, "record", broken)
    with pytest.raises(RuntimeError, match="disk full"):
        ask(make_beneficiary(), now)
    assert (Visit.select().count(), ClinicSession.select().count()) == (0, 0)


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-23 06:59", "Tokens for today are given from 7:00"),
        ("2026-11-23 12:00", "It opens next on 24 Nov 2026, 9:00"),
        ("2026-11-28 12:30", "It opens next on 30 Nov 2026"),
        ("2026-11-29 10:00", "It opens next on 30 Nov 2026"),
    ],
)
def test_outside_the_booking_window_the_refusal_names_the_opening(db, moment, sentence):
    now = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=IST)
    with pytest.raises(Conflict, match=sentence):
        ask(make_beneficiary(), now)
    assert Visit.select().count() == 0


def test_tokens_can_be_requested_before_the_clinic_opens(db, now):
    assert ask(make_beneficiary(), now - timedelta(hours=2, minutes=30)).number == 1


def test_no_token_on_a_holiday(db, now):
    Holiday.create(day=date(2026, 11, 23), name="Guru Nanak Jayanti")
    with pytest.raises(Conflict, match=r"The clinic is closed now\. It opens next on 24 Nov 2026"):
        ask(make_beneficiary(), now)
    assert ClinicSession.select().count() == 0


def test_a_demo_is_open_around_the_clock(db, now):
    Setting.create(key="demo_all_day", value=True)
    sunday_night = now + timedelta(days=6, hours=12)
    assert ask(make_beneficiary(), sunday_night).number == 1
    session = ClinicSession.get()
    assert session.closes_at - session.opens_at == timedelta(hours=23, minutes=59, seconds=59)


def test_working_days_are_a_setting(db, now):
    put("working_days", "7")
    assert [sessions.is_working_day(date(2026, 11, day)) for day in (22, 23)] == [True, False]


@pytest.mark.parametrize(
    ("fields", "urgent", "expected"),
    [
        ({}, False, (0, "")),
        ({}, True, (1, "urgent")),
        ({"date_of_birth": date(1946, 11, 23)}, False, (1, "age")),
        ({"date_of_birth": date(1946, 11, 24)}, False, (0, "")),
        ({"has_disability": True}, False, (1, "disability")),
    ],
)
def test_priority_is_stored_with_its_reason(db, now, fields, urgent, expected):
    visit = ask(make_beneficiary(**fields), now, Gate(None, "", urgent))
    assert (visit.priority, visit.priority_reason) == expected
    assert Event.get(Event.name == "TokenIssued").data["priority_reason"] == expected[1]

"""Presence on the one phone of a family: who is in a call cannot answer another one."""

from datetime import datetime, timedelta

import pytest

from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.visits import calling, services, sweeps
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from tests.factories import make_beneficiary, make_duty, make_session, make_specialty, make_staff, make_visit

DOCTOR, PATIENT = Actor("staff", "doctor"), Actor("account", "patient")


@pytest.fixture
def couple(db: None, now: datetime) -> tuple[Visit, Visit]:
    """A couple with one mobile: he is called by Medicine, she waits for Eye and has tapped "I am here"."""
    his = make_visit("called", call_deadline=now + timedelta(minutes=2))
    wife = make_beneficiary(account=his.beneficiary.account)
    return his, make_visit(
        beneficiary=wife, session=make_session(specialty=make_specialty("eye")), here_until=now + timedelta(minutes=15)
    )


@pytest.fixture
def doctor(couple: tuple[Visit, Visit]) -> Staff:
    """The doctor of her session."""
    session = couple[1].session
    found = make_staff("doctor", specialty=session.specialty)
    make_duty(found, session, "on")
    return found


def test_nobody_is_called_whose_familys_phone_is_in_a_call(couple, doctor, now):
    his, hers = couple
    calling.accept_call(his, by=PATIENT, now=now)
    with pytest.raises(Conflict, match="present"):
        calling.call_next(doctor, hers.session, by=DOCTOR, now=now)
    services.touch_presence(Visit.get_by_id(hers.id), now)  # a second phone shows her page
    assert calling.call_next(doctor, hers.session, by=DOCTOR, now=now) == hers


def test_a_call_that_the_desk_takes_leaves_the_familys_own_phone_free(couple, doctor, now):
    his, hers = couple
    calling.accept_call(his, by=Actor("staff", "desk"), now=now)
    assert calling.call_next(doctor, hers.session, by=DOCTOR, now=now) == hers


def test_a_call_to_a_phone_that_is_in_another_call_is_not_missed(couple, doctor, now):
    his, hers = couple
    calling.call_next(doctor, hers.session, by=DOCTOR, now=now)  # both rang, and he was the one who answered
    calling.accept_call(his, by=PATIENT, now=now)
    sweeps.lapse_calls(now + timedelta(minutes=3))
    hers = Visit.get_by_id(hers.id)
    assert (hers.state, hers.lapses, hers.here_until) == ("waiting", 0, None)

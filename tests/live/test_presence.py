"""Presence and leases are touched by polls, written in batches, and survive failures."""

from datetime import timedelta

import pytest

from portal.base.errors import Unavailable
from portal.core.clinic.models import ClinicSession
from portal.core.visits import calling
from portal.core.visits.models import Visit
from portal.live import presence
from portal.store import db as portal_db
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_duty, make_session, make_staff, make_visit
from tests.live.polls import Watcher


@pytest.fixture
def watchers(db, sign_in):
    """Four waiting patients with their pages open."""
    people = [make_beneficiary() for _ in range(4)]
    visits = [make_visit(beneficiary=person) for person in people]
    return [Watcher(sign_in(one), f"/visits/{visit.uid}").open() for one, visit in zip(people, visits, strict=True)]


@pytest.fixture
def writes(app, monkeypatch):
    """The batches of patients written."""
    found, real = [], presence._write
    monkeypatch.setattr(presence, "_write", lambda patients, *rest: [found.append(patients), real(patients, *rest)])
    return found


def until(number: int) -> object:
    return Visit.get(Visit.number == number).here_until


def test_the_polls_of_two_seconds_are_written_in_one_batch(watchers, writes, clock):
    for watcher in watchers:
        watcher.poll()
    clock.tick(45)
    watchers[0].poll()
    clock.tick(0.5)
    for watcher in watchers:
        watcher.poll()
    assert writes == [[1]]
    seen = clock.now()
    clock.tick(2)
    watchers[0].poll()
    assert writes == [[1], [1, 2, 3, 4]]
    assert until(4) == seen + timedelta(seconds=60)


def test_fresh_presence_is_not_written_again(watchers, writes, clock):
    for _ in range(10):
        clock.tick(2)
        watchers[0].poll()
    assert writes == []


def test_buffered_presence_is_written_at_shutdown(watchers, writes, app, clock):
    watchers[0].poll()
    clock.tick(45)
    watchers[0].poll()
    clock.tick(1)
    watchers[1].poll()
    seen = clock.now()
    app.extensions["portal.live"].close()
    assert (writes[-1], until(2)) == ([2], seen + timedelta(seconds=60))


def test_a_locked_database_does_not_fail_the_poll(watchers, writes, clock, monkeypatch):
    watchers[0].poll()
    clock.tick(45)
    monkeypatch.setattr(presence, "write", lambda: (_ for _ in ()).throw(Unavailable()))
    assert watchers[0].poll().status_code in (200, 304)
    monkeypatch.setattr(presence, "write", portal_db.write)
    clock.tick(3)
    watchers[0].poll()
    assert until(1) == clock.now() + timedelta(seconds=60)


def test_a_returning_patient_is_present_on_every_board_at_once(watchers, clock):
    watchers[0].poll()
    version = ClinicSession.get().version
    clock.tick(61)
    watchers[0].poll()
    assert until(1) == clock.now() + timedelta(seconds=60)
    assert ClinicSession.get().version > version


def test_polling_does_not_make_a_patient_present_after_a_missed_call(watchers, writes, clock):
    Visit.update(state="awaiting_recall", here_until=None).where(Visit.number == 1).execute()
    watchers[0].poll()
    clock.tick(5)
    watchers[0].poll()
    assert (until(1), writes) == (None, [])


def test_a_transition_between_poll_and_write_wins(watchers, app, clock):
    watchers[0].poll()
    clock.tick(45)
    watchers[1].poll()
    clock.tick(1)
    watchers[0].poll()
    Visit.update(state="cancelled", live_key=None, here_until=None).where(Visit.number == 1).execute()
    app.extensions["portal.live"].close()
    assert until(1) is None


def test_polls_of_the_board_renew_the_doctors_lease(watchers, sign_in, clock):
    doctor = make_staff()
    make_duty(doctor, make_session())
    board = Watcher(sign_in(doctor), "/board").open()
    visit = calling.call_next(doctor, make_session(), by=SYSTEM, now=clock.tick(1))
    for _ in range(30):
        clock.tick(3)
        board.poll()
    assert Visit.get_by_id(visit.id).lease_until > clock.now() + timedelta(seconds=25)

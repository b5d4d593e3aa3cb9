"""Concurrent requests: one wins, the others conflict, nothing happens twice, nothing deadlocks."""

from collections.abc import Callable
from threading import Event
from time import sleep

import pytest
from werkzeug.test import TestResponse

from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession
from portal.core.visits import calling, transfers, undoing
from portal.core.visits.models import Transition, Visit
from portal.store.db import write
from portal.work.audit import Actor
from tests.at_once import at_once, done
from tests.factories import (
    make_beneficiary,
    make_duty,
    make_referral,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)


def doctor_on(session: ClinicSession):
    doctor = make_staff("doctor", specialty=session.specialty)
    make_duty(doctor, session, "on")
    return doctor, Actor("staff", doctor.uid)


def test_concurrent_transfers_to_each_other_do_not_deadlock(app, db, now):
    medicine, eye = make_session(), make_session(specialty=make_specialty("eye"))
    pairs = [
        (visit, to)
        for _ in range(4)
        for visit, to in ((make_visit(session=medicine), "eye"), (make_visit(session=eye), "medicine"))
    ]
    _, by = doctor_on(medicine)

    def send(visit: Visit, to: str) -> Callable[[], object]:
        return lambda: transfers.transfer(Visit.get_by_id(visit.id), to, reason="better", by=by, now=now)

    assert len(done(at_once(app, [send(visit, to) for visit, to in pairs]))) == len(pairs)
    for session in (medicine, eye):
        numbers = sorted(visit.number for visit in Visit.select().where(Visit.session == session))
        assert numbers == list(range(1, 9))
    assert Visit.select().where(Visit.state == "waiting").count() == 8


def test_a_double_click_on_transfer_makes_one_new_token(app, db, now):
    make_specialty("eye")
    visit, (_, by) = make_visit(), doctor_on(make_session())

    def send() -> None:
        transfers.transfer(Visit.get_by_id(visit.id), "eye", reason="better", by=by, now=now)

    assert len(done(at_once(app, [send] * 4))) == 1
    assert Visit.select().count() == 2


def test_concurrent_undos_and_an_accepted_call_have_one_winner(app, db, now):
    make_visit()
    doctor, by = doctor_on(make_session())
    visit = calling.call_next(doctor, make_session(), by=by, now=now)

    def undo() -> None:
        undoing.undo(Visit.get_by_id(visit.id), doctor, by=by, now=now)

    def answer() -> None:
        calling.accept_call(Visit.get_by_id(visit.id), by=Actor("account", "patient"), now=now)

    assert len(done(at_once(app, [undo, undo, answer]))) == 1
    assert Visit.get().state in ("waiting", "in_call")
    assert Transition.select().count() == 3


def test_a_concurrent_emergency_call_and_next_call_never_share_a_patient(app, db, now):
    session = make_session()
    visit = make_visit()
    (one, by_one), (two, by_two) = doctor_on(session), doctor_on(session)

    def emergency() -> None:
        calling.call_emergency(Visit.get_by_id(visit.id), one, reason="Chest pain since nine", by=by_one, now=now)

    def next_one() -> None:
        calling.call_next(two, session, by=by_two, now=now)

    assert len(done(at_once(app, [emergency, next_one]))) == 1
    assert Transition.select().where(Transition.to_state == "called").count() == 1


@pytest.fixture
def filled_form(db, sign_in):
    """A browser, and a filled token request form."""
    make_staff("doctor")
    person = make_beneficiary()
    make_referral(person.entry)
    browser = sign_in(person)
    wish = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Fever for two days", "consent": "yes"}
    form = browser.hidden_fields("/tokens/new") | wish
    return browser, form


def test_a_token_request_sent_twice_concurrently_is_idempotent(app, filled_form):
    """F30, Q22: the second copy gets the first one's answer."""
    browser, form = filled_form

    def send() -> TestResponse:
        return browser.post("/tokens/new", data=form)

    answers = done(at_once(app, [send] * 3))
    assert len(answers) == 3
    assert {answer.location for answer in answers} == {f"/visits/{Visit.get().uid}"}


def test_an_idempotency_key_with_other_contents_is_refused(filled_form):
    """Q22."""
    browser, form = filled_form
    browser.post("/tokens/new", data=form)
    assert browser.post("/tokens/new", data=form | {"complaint": "Something else"}).status_code == 422
    assert (Visit.select().count(), Visit.get().complaint) == (1, "Fever for two days")


def test_eight_concurrent_next_calls_for_five_patients_call_each_once(app, db, now):
    """F29: three of the doctors get a conflict."""
    session = make_session()
    visits = [make_visit() for _ in range(7)]
    Visit.update(here_until=None).where(Visit.id.in_([visits[1].id, visits[4].id])).execute()

    def press(doctor: Staff, by: Actor) -> Callable[[], object]:
        return lambda: calling.call_next(doctor, session, by=by, now=now)

    assert len(done(at_once(app, [press(*doctor_on(session)) for _ in range(8)]))) == 5
    called = Visit.select().where(Visit.state == "called").order_by(Visit.id)
    assert [visit.number for visit in called] == [1, 3, 4, 6, 7]


def test_a_rolled_back_call_passes_nobody_over(app, db, now):
    """Safety.md 0.5: a concurrent call waits for the lock, and then gets the first patient, not the second."""
    session = make_session()
    first, _second = make_visit(), make_visit()
    one, other, pressed = doctor_on(session), doctor_on(session), Event()

    def call_and_lose() -> None:
        with write():
            calling.call_next(one[0], session, by=one[1], now=now)
            pressed.set()
            sleep(0.3)
            raise Conflict("the process dies before the commit")

    def call_meanwhile() -> None:
        pressed.wait(5)
        calling.call_next(other[0], session, by=other[1], now=now)

    lost, called = at_once(app, [call_and_lose, call_meanwhile])
    assert isinstance(lost, Conflict)
    assert not isinstance(called, Conflict)
    assert Visit.get(Visit.state == "called").id == first.id

"""Undo of the last step within a minute: what is restored, and why it is refused."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.core.accounts.models import Staff
from portal.core.messages.models import Message
from portal.core.visits import calling, outcomes, services, undoing
from portal.core.visits.models import Transition, Visit
from portal.work.audit import Actor
from portal.work.events import Event
from tests.core.visits.test_transfers import by, send
from tests.core.visits.test_transfers import eye as eye
from tests.factories import make_duty, make_session, make_staff
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor

PATIENT = Actor("account", "patient")


def test_undoing_a_transfer_withdraws_the_new_token_and_restores_the_place(doctor, eye, queue, now):
    visit = visit_of("in_call", doctor=doctor)
    new = send(visit, doctor, now)
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now + timedelta(seconds=60))
    old, new = Visit.get_by_id(visit.id), Visit.get_by_id(new.id)
    assert (old.state, old.doctor, old.moved_to, old.attempt) == ("in_call", doctor, None, 2)
    assert (new.state, new.live_key, old.live_key) == ("cancelled", None, str(old.beneficiary_id))
    queue.drain()
    assert [row.template for row in Message.select().order_by(Message.id)] == ["token"]
    step = Transition.select().order_by(Transition.id.desc()).get()
    assert (step.action, step.undoes.action) == ("undo", "transfer")


def test_undoing_a_call_restores_the_place_and_refuses_the_answer(doctor, now):
    first, _ = visit_of(), visit_of()
    visit = calling.call_next(doctor, make_session(), by=by(doctor), now=now)
    undoing.undo(visit, doctor, by=by(doctor), now=now)
    after = Visit.get_by_id(first.id)
    assert (after.state, after.doctor, after.lease_until, after.lapses) == ("waiting", None, None, 0)
    with pytest.raises(Conflict, match="The doctor is not calling you"):
        calling.accept_call(after, by=PATIENT, now=now)
    assert calling.call_next(doctor, make_session(), by=by(doctor), now=now).id == first.id


def refusal_of(visit: Visit, doctor: Staff, now) -> str:
    lines = Transition.select().count()
    with pytest.raises(Conflict) as refusal:
        undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now)
    assert Transition.select().count() == lines
    return str(refusal.value)


def test_undo_says_why_not(doctor, eye, now):
    visit_of()
    visit = calling.call_next(doctor, make_session(), by=by(doctor), now=now)
    other = make_staff("doctor")
    assert refusal_of(visit, other, now) == "Only the one who did this can undo it."
    assert refusal_of(visit, doctor, now + timedelta(seconds=61)) == "It is too late to undo this."
    calling.accept_call(visit, by=PATIENT, now=now)
    assert refusal_of(visit, doctor, now) == "Something has happened since; this can no longer be undone."
    calling.skip(visit, reason="left", by=by(doctor), now=now)
    visit_of()
    calling.call_next(doctor, make_session(), by=by(doctor), now=now)
    assert refusal_of(visit, doctor, now) == "You have another patient now. Complete that visit first."


def test_neither_an_undo_nor_a_transfer_whose_token_was_called_can_be_undone(doctor, eye, now):
    visit = visit_of()
    new = send(visit, doctor, now)
    specialist = make_staff("doctor", specialty=eye)
    make_duty(specialist, make_session(specialty=eye), "on")
    calling.call_next(specialist, make_session(specialty=eye), by=by(specialist), now=now)
    assert refusal_of(visit, doctor, now).startswith("Something has happened since")
    undoing.undo(Visit.get_by_id(new.id), specialist, by=by(specialist), now=now)
    assert refusal_of(new, specialist, now) == "This has been undone already."


def test_undoing_a_skip_restores_the_call_until_its_deadline(doctor, now):
    visit_of()
    visit = calling.call_next(doctor, make_session(), by=by(doctor), now=now)
    calling.skip(visit, reason="technical", by=by(doctor), now=now + timedelta(seconds=100))
    assert refusal_of(visit, doctor, now + timedelta(seconds=120)).startswith("The time to answer that call is over")
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now + timedelta(seconds=110))
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.call_deadline, after.attempt) == ("called", now + timedelta(seconds=120), 2)


@pytest.mark.parametrize("ends", ["not_held", "transfer"])
def test_undoing_an_ending_of_a_call_sends_the_turn_sms_again_until_the_deadline(doctor, eye, queue, now, ends):
    visit_of()
    visit = calling.call_next(doctor, make_session(), by=by(doctor), now=now)
    if ends == "transfer":
        send(visit, doctor, now)
    else:
        outcomes.end_unheld(visit, reason="technical", note="", by=by(doctor), now=now)
    queue.drain()
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now + timedelta(seconds=30))
    queue.drain()
    told = list(Message.select().order_by(Message.id))
    assert [row.template for row in told][-2:] == [{"transfer": "transferred"}.get(ends, ends), "your_turn"]
    assert told[-1].expires_at == Visit.get_by_id(visit.id).call_deadline == now + timedelta(seconds=120)


def test_undo_of_a_no_show_is_refused_once_the_patient_has_a_new_token(doctor, now):
    visit = visit_of("called", doctor=doctor)
    outcomes.end_unheld(visit, reason="unreachable", note="", by=by(doctor), now=now)
    visit_of(beneficiary=visit.beneficiary)
    assert refusal_of(visit, doctor, now) == "The patient has a new token by now."
    assert services.live_visit(visit.beneficiary).number == 2
    assert Event.select().where(Event.name == "StepUndone").count() == 0
    assert clinic_day(now) == make_session().day

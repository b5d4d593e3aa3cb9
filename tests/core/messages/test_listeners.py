"""Which event makes which text, in whose language, and only once."""

import threading
from datetime import timedelta

import pytest

from portal.core.accounts import otp
from portal.core.messages import listeners
from portal.core.messages.models import Message, SendAttempt
from portal.core.prescriptions.models import Prescription
from portal.store.db import database
from portal.work.audit import SYSTEM
from portal.work.events import Event, deliver, record
from tests.factories import make_beneficiary, make_visit


@pytest.fixture
def happen(queue, now):
    """happen(name, subject, **data) → the event, delivered."""

    def happen(name: str, subject: str, **data) -> Event:
        event = record(name, subject, by=SYSTEM, now=now, **data)
        queue.drain()
        return event

    return happen


def only(operator) -> tuple[str, str, str]:
    assert len(operator.ledger) == 1
    message = operator.ledger[0]
    return message.template, message.to, message.text


def test_a_registration_is_told_with_the_patient_id(operator, happen):
    person = make_beneficiary(patient_id="2611230000017")
    happen("BeneficiaryRegistered", person.uid)
    template, to, text = only(operator)
    assert (template, to) == ("registered", person.account.mobile)
    assert "2611230000017" in text


def test_a_token_is_told_in_the_patients_language(operator, happen):
    visit = make_visit(beneficiary=make_beneficiary(language="hi", patient_id="2611230000017"))
    happen("TokenIssued", visit.uid, token=visit.token, number=1)
    assert only(operator)[2] == f"टोकन {visit.token}, कतार क्रमांक 1, रोगी आईडी 2611230000017। -CGHSTC"


def test_the_turn_coming_near_is_told(operator, happen):
    visit = make_visit()
    happen("NearTurn", visit.uid, token=visit.token, ahead=3)
    assert only(operator)[0] == "near_turn"
    assert "3 ahead of you" in only(operator)[2]


def test_a_call_is_told_with_the_minutes_left_and_dies_with_its_deadline(operator, happen, now):
    visit = make_visit("called")
    deadline = now + timedelta(seconds=120)
    happen("VisitCalled", visit.uid, token=visit.token, deadline=deadline.isoformat())
    assert "within 2 min" in only(operator)[2]
    assert Message.get().expires_at == deadline


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("CallMissed", "missed_call"),
        ("VisitNoShow", "no_show"),
        ("TokenExpired", "session_cancelled"),
    ],
)
def test_what_ends_or_delays_a_visit_is_told_by_its_own_text(operator, happen, name, template):
    visit = make_visit()
    happen(name, visit.uid, token=visit.token)
    assert only(operator)[:2] == (template, visit.beneficiary.account.mobile)


def test_a_stored_prescription_is_told_with_its_number(operator, happen, now):
    visit = make_visit("completed")
    prescription = Prescription.create(
        visit=visit,
        beneficiary=visit.beneficiary,
        doctor=visit.doctor,
        number="RX-2611-000001",
        code="c" * 20,
        issued_at=now,
        valid_until=now.date(),
        content={},
        state="issued",
    )
    happen("PrescriptionStored", prescription.uid)
    assert "RX-2611-000001" in only(operator)[2]


def test_what_the_patient_did_is_not_told(operator, happen):
    visit = make_visit()
    for name in ("VisitCancelled", "CallAccepted", "VisitCompleted"):
        happen(name, visit.uid, token=visit.token)
    assert operator.ledger == []


def test_an_event_that_is_delivered_again_makes_no_second_text(operator, happen, queue, now):
    event = happen("BeneficiaryRegistered", make_beneficiary().uid)
    Event.update(delivered_at=None).execute()
    listeners.send_registered(event, now)
    deliver(event.id, now)
    queue.drain()
    assert len(operator.ledger) == Message.select().count() == 1


def test_a_listener_that_runs_in_parallel_makes_one_text(app, operator, happen, queue, now):
    event, start = happen("BeneficiaryRegistered", make_beneficiary().uid), threading.Barrier(8)
    SendAttempt.delete().execute()
    Message.delete().execute()

    def work() -> None:
        start.wait()
        with app.app_context():
            listeners.send_registered(event, now)
        database.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.select().count() == 1


def test_the_row_of_an_otp_holds_the_challenge_and_no_code(operator, queue, now):
    uid = otp.ask("+919876543210", "198.51.100.7", language="en", now=now)
    queue.drain()
    assert Message.get().values == {"challenge": uid, "minutes": 5}
    assert only(operator)[2][:6].isdigit()

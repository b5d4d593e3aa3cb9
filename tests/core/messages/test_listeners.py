"""Listeners: which event queues which text, in whose language, idempotently."""

from datetime import timedelta
from functools import partial

import pytest

from portal.core.accounts import otp
from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.dispensing.events import IndentReady
from portal.core.dispensing.models import Indent
from portal.core.messages import listeners
from portal.core.messages.models import Message, SendAttempt
from portal.core.prescriptions.events import PrescriptionCancelled, PrescriptionStored
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.events import ReferralCancelled, ReferralIssued, ReferralRequestAnswered
from portal.core.visits.events import (
    CallAccepted,
    CallMissed,
    Moves,
    NearTurn,
    TokenExpired,
    TokenIssued,
    VisitCalled,
    VisitCancelled,
    VisitCompleted,
    VisitMoved,
    VisitNoShow,
)
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from portal.work.catalogue import DomainEvent
from portal.work.events import Event, deliver, record, sweep_undelivered
from tests.at_once import at_once
from tests.consulting import make_prescription
from tests.core.paper.samples import sample
from tests.factories import (
    make_beneficiary,
    make_entry,
    make_referral,
    make_request,
    make_session,
    make_specialty,
    make_staff,
    make_visit,
)


@pytest.fixture
def happen(queue, now):
    """happen(what, subject): record and deliver the event."""

    def happen(what: DomainEvent, subject: str) -> Event:
        event = record(what, subject, by=SYSTEM, now=now)
        queue.drain()
        return event

    return happen


def moved(kind: Moves, visit, **own) -> VisitMoved:
    """A transition event of this visit."""
    return kind(token=visit.token, from_="", to="", attempt=1, **own)


def only(operator) -> tuple[str, str, str]:
    assert len(operator.ledger) == 1
    message = operator.ledger[0]
    return message.template, message.to, message.text


def test_a_registration_sends_the_patient_id(operator, happen):
    person = make_beneficiary(patient_id="2611230000017")
    happen(BeneficiaryRegistered(), person.uid)
    template, to, text = only(operator)
    assert (template, to) == ("registered", person.account.mobile)
    assert "2611230000017" in text


def test_a_token_is_sent_in_the_patients_language(operator, happen):
    visit = make_visit(beneficiary=make_beneficiary(language="hi", patient_id="2611230000017"))
    happen(TokenIssued(visit.token, 1, "medicine", "", "2611230000017", ""), visit.uid)
    assert only(operator)[2] == f"टोकन {visit.token}, कतार नंबर 1, मरीज़ आईडी 2611230000017। -CGHSTC"


def test_near_turn_is_sent(operator, happen):
    visit = make_visit()
    happen(NearTurn(visit.token, 3), visit.uid)
    assert only(operator)[0] == "near_turn"
    assert "3 ahead of you" in only(operator)[2]


def test_a_call_is_sent_with_its_minutes_and_expires_at_the_deadline(operator, happen, now):
    visit = make_visit("called")
    deadline = now + timedelta(seconds=120)
    happen(moved(VisitCalled, visit, doctor="", deadline=deadline.isoformat()), visit.uid)
    assert "within 2 min" in only(operator)[2]
    assert Message.get().expires_at == deadline


@pytest.mark.parametrize(
    ("kind", "template"),
    [
        (partial(CallMissed, lapses=1), "missed_call"),
        (partial(VisitNoShow, lapses=3), "no_show"),
        (TokenExpired, "session_cancelled"),
    ],
)
def test_each_end_or_delay_of_a_visit_sends_its_own_text(operator, happen, kind, template):
    visit = make_visit()
    happen(moved(kind, visit), visit.uid)
    assert only(operator)[:2] == (template, visit.beneficiary.account.mobile)


def test_a_prescription_is_sent_with_its_number_once_its_file_is_stored(operator, queue, now):
    issued = make_prescription(now)
    assert operator.ledger == []
    queue.drain()
    template, _to, text = only(operator)
    assert template == "prescription"
    assert issued.number in text


def test_an_event_of_an_older_version_without_newer_fields_is_sent(operator, queue, now):
    visit = make_visit()
    Event.create(
        name="TokenIssued",
        subject=visit.uid,
        at=now,
        by_kind="system",
        by_uid="",
        data={"token": visit.token, "number": 1, "gone": True},
        next_at=now,
    )
    sweep_undelivered(now)
    queue.drain()
    assert only(operator)[0] == "token"
    assert Event.get().delivered_at


def test_the_patients_own_actions_send_nothing(operator, happen):
    visit = make_visit()
    for kind in (VisitCancelled, CallAccepted, VisitCompleted):
        happen(moved(kind, visit), visit.uid)
    assert operator.ledger == []


def test_a_listener_is_idempotent(operator, happen, queue, now):
    event = happen(BeneficiaryRegistered(), make_beneficiary().uid)
    Event.update(delivered_at=None).execute()
    listeners.send_registered(event, now)
    deliver(event.id, now)
    queue.drain()
    assert len(operator.ledger) == Message.select().count() == 1


def test_a_listener_that_runs_concurrently_queues_one_text(app, operator, happen, queue, now):
    event = happen(BeneficiaryRegistered(), make_beneficiary().uid)
    SendAttempt.delete().execute()
    Message.delete().execute()
    at_once(app, [partial(listeners.send_registered, event, now)] * 8)
    assert Message.select().count() == 1


def test_the_row_of_an_otp_stores_the_challenge_and_no_code(operator, queue, now):
    uid = otp.ask("+919876543210", "198.51.100.7", language="en", now=now)
    queue.drain()
    assert Message.get().values == {"challenge": uid, "minutes": 5}
    assert only(operator)[2][:6].isdigit()


def corrected(now) -> tuple[Prescription, Prescription]:
    """A prescription and the version that replaces it."""
    visit = make_visit("completed")
    common = {"visit": visit, "beneficiary": visit.beneficiary, "doctor": visit.doctor, "content": sample().to_json()}
    common |= {"issued_at": now, "valid_until": now.date()}
    old = Prescription.create(number="RX-2611-000001", code="1" * 16, replaced_at=now, **common)
    return old, Prescription.create(number="RX-2611-000002", code="2" * 16, version=2, replaces=old, **common)


def test_a_corrected_prescription_names_both_numbers_and_the_old_one_is_not_announced(operator, happen, now):
    old, new = corrected(now)
    happen(PrescriptionStored(old.visit.uid, old.number), old.uid)
    happen(PrescriptionStored(new.visit.uid, new.number), new.uid)
    template, _to, text = only(operator)
    assert template == "prescription_replaced"
    assert f"{old.number} is corrected: {new.number} replaces it" in text


def test_a_cancelled_prescription_is_told_of_and_its_late_file_is_not(operator, happen, now):
    _old, new = corrected(now)
    Prescription.update(cancelled_at=now).execute()
    happen(PrescriptionCancelled(new.visit.uid, new.number, 2, "author", alone=False), new.uid)
    happen(PrescriptionStored(new.visit.uid, new.number), new.uid)
    assert only(operator)[0] == "prescription_cancelled"


@pytest.mark.parametrize("event", [partial(VisitNoShow, lapses=3), TokenExpired])
def test_a_text_about_a_private_visit_that_is_over_names_the_number_alone(operator, happen, event):
    visit = make_visit("expired", session=make_session(specialty=make_specialty("psychiatry")))
    happen(moved(event, visit), visit.uid)
    _template, _to, text = only(operator)
    assert "PSY" not in text
    assert f" {visit.number:03d}" in text


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_referral_is_told_to_the_registers_mobile_also_before_registering(operator, happen, is_registered):
    person = make_beneficiary(language="hi") if is_registered else None
    entry = person.entry if person else make_entry()
    referral = make_referral(entry, number="REF-000123")
    happen(ReferralIssued("medicine", urgent=False), referral.uid)
    template, to, text = only(operator)
    assert (template, to) == ("referral", entry.mobile)
    start = "रेफ़रल REF-000123 बना, 21-02-2027 तक" if is_registered else "You are referred to a specialist: REF-000123"
    assert text.startswith(start)


def test_a_referral_that_is_withdrawn_meanwhile_is_not_told(operator, happen, now):
    referral = make_referral(make_entry(), cancelled_at=now)
    happen(ReferralIssued("medicine", urgent=False), referral.uid)
    assert operator.ledger == []


def test_a_withdrawal_is_told(operator, happen, now):
    referral = make_referral(make_entry(), cancelled_at=now, number="REF-000123")
    happen(ReferralCancelled(), referral.uid)
    assert only(operator)[0] == "referral_withdrawn"
    assert "REF-000123" in only(operator)[2]


def test_a_medicine_from_the_chemist_is_told_with_place_and_last_day_while_it_waits(operator, happen, now):
    issued = make_prescription(now)
    centre, pharmacist = issued.beneficiary.entry.centre, make_staff("pharmacist")
    common = {"prescription": issued, "centre": centre, "pharmacist": pharmacist, "at": now}
    common |= {"item": issued.items[0], "quantity": 5, "until": now.date() + timedelta(days=15)}
    ready = Indent.create(number="IN-2611-000001", state="ready", **common)
    gone = Indent.create(number="IN-2611-000002", state="withdrawn", **common)
    for row in (gone, ready):
        happen(IndentReady(visit=issued.visit.uid, number=row.number), row.uid)
    told = [(message.to, message.text) for message in operator.ledger if message.template == "indent_ready"]
    sentence = f"Medicine of e-prescription {issued.number} is ready at centre 01. Collect it by 08-12-2026. -CGHSTC"
    assert told == [(issued.beneficiary.account.mobile, sentence)]


@pytest.mark.parametrize(("outcome", "told"), [("declined", ["request_answered"]), ("referred", [])])
def test_an_answer_without_a_referral_is_told_and_a_referral_has_its_own_text(operator, happen, outcome, told):
    request = make_request(make_beneficiary(), state=outcome)
    referral = None if outcome == "declined" else "uid"
    happen(ReferralRequestAnswered(outcome=outcome, referral=referral), request.uid)
    assert [message.template for message in operator.ledger] == told
    assert all("23-11-2026" in message.text for message in operator.ledger)


@pytest.mark.parametrize(("host", "template"), [("", "your_turn"), ("opd.cghs.gov.in", "your_turn_link")])
def test_the_call_has_a_link_only_with_a_whitelisted_address(happen, now, host, template):
    put("dlt_whitelist", "opd.cghs.gov.in")
    put("short_link_host", host)
    visit, until = make_visit(), now + timedelta(minutes=2)
    happen(moved(VisitCalled, visit, doctor="", deadline=until.isoformat()), visit.uid)
    row = Message.get(Message.template.startswith("your_turn"))
    assert (row.template, row.values.get("link", "")[: len(host)]) == (template, host)

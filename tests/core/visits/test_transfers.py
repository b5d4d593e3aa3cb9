"""Transfers: what moves to the new token, who calls it, and refusals."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.core.accounts.models import Staff
from portal.core.boards import history, patient_status
from portal.core.clinic import sessions
from portal.core.messages.models import Message
from portal.core.records.models import Record
from portal.core.visits import calling, transfers
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_specialty, make_staff
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor


@pytest.fixture
def eye(db):
    return make_specialty("eye")


def by(doctor: Staff) -> Actor:
    return Actor("staff", doctor.uid)


def send(visit: Visit, doctor: Staff, now, to: str = "eye") -> Visit:
    return transfers.transfer(visit, to, reason="Blurred vision", by=by(doctor), now=now)


def test_a_transfer_moves_referral_priority_complaint_and_records_to_the_new_token(doctor, eye, now):
    person = make_beneficiary()
    visit = visit_of(beneficiary=person, referral=make_referral(person.entry), priority=1, priority_reason="urgent")
    Record.create(
        beneficiary=person,
        visit=visit,
        title="x",
        kind="pdf",
        stored_name="s",
        size=1,
        sha256="0" * 64,
        uploaded_at=now,
    )
    new = Visit.get_by_id(send(visit, doctor, now).id)
    assert (new.token, new.state, new.referral, new.priority, new.complaint) == (
        "EYE-001",
        "waiting",
        visit.referral,
        1,
        visit.complaint,
    )
    assert (Visit.get_by_id(visit.id).state, Visit.get_by_id(visit.id).moved_to) == ("transferred", new)
    assert Record.get().visit == new
    assert [line.why for line in history.history_of(new)][-2:] == ["Blurred vision"] * 2


def test_a_token_carried_to_tomorrow_cannot_be_transferred_today(doctor, eye, now):
    carried = visit_of(session=sessions.session_on(make_specialty(), clinic_day(now) + timedelta(days=1)), carries=1)
    with pytest.raises(Conflict, match="another day"):
        send(carried, doctor, now)
    assert (Visit.get_by_id(carried.id).state, Visit.select().count()) == ("waiting", 1)


def test_a_transferred_visit_comes_before_every_later_request(doctor, eye, now):
    session = make_session(specialty=eye)
    before, mine, after = visit_of(session=session), visit_of(), visit_of(session=session)
    new = send(mine, doctor, now)
    assert [patient_status.position(visit, now) for visit in (before, new, after)] == [0, 1, 2]


def test_the_patient_gets_an_sms_with_the_new_token(doctor, eye, queue, now):
    send(visit_of(), doctor, now)
    queue.drain()
    assert Message.get(Message.template == "transferred").values == {"before": "MED-001", "token": "EYE-001"}


def test_only_the_wanted_colleague_calls_the_visit_while_on_duty(doctor, now):
    colleague = make_staff("doctor")
    make_duty(colleague, make_session(), "break10")
    first, second = visit_of(), visit_of()
    new = send(first, doctor, now, to=colleague.username)
    assert calling.call_next(doctor, make_session(), by=by(doctor), now=now).id == second.id
    third = make_staff("doctor")
    make_duty(third, make_session(), "on")
    colleague.duties.get().delete_instance()
    assert calling.call_next(third, make_session(), by=by(third), now=now).id == new.id


@pytest.mark.parametrize(
    ("to", "reason", "fields"),
    [
        ("medicine", "x", {"to": "Choose another specialty, or a colleague of your own."}),
        ("nobody", "x", {"to": "Choose another specialty, or a colleague of your own."}),
        ("eye", " ", {"reason": "Say why, so that the next doctor knows."}),
    ],
)
def test_a_transfer_needs_a_target_and_a_reason(doctor, eye, now, to, reason, fields):
    visit = visit_of()
    with pytest.raises(Invalid) as refusal:
        transfers.transfer(visit, to, reason=reason, by=by(doctor), now=now)
    assert refusal.value.fields == fields
    assert Visit.select().count() == 1


def test_a_transfer_to_a_closed_clinic_an_absent_colleague_or_after_a_prescription_conflicts(doctor, eye, now):
    visit = visit_of("in_call", doctor=doctor)
    with pytest.raises(Conflict, match="That clinic is closed today"):
        send(visit, doctor, make_session(specialty=eye).closes_at)
    away = make_staff("doctor", name="Dr Rao")
    with pytest.raises(Conflict, match="Dr Rao is not on duty now"):
        send(visit, doctor, now, to=away.username)
    Visit.update(issued_at=now).where(Visit.id == visit.id).execute()
    with pytest.raises(Conflict, match="The prescription of this visit is issued"):
        send(visit, doctor, now)
    assert Visit.select().count() == 1

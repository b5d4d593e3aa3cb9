"""Transfer, undo, emergency call, ending without a consultation: effects and refusals."""

from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid
from portal.core.accounts.models import Staff
from portal.core.boards import history, patient_status
from portal.core.clinic import sessions
from portal.core.messages.models import Message
from portal.core.records.models import Record
from portal.core.visits import calling, outcomes, services, sweeps, transfers, undoing
from portal.core.visits.models import Transition, Visit
from portal.work.audit import Actor, AuditRow
from portal.work.events import Event
from tests.factories import make_beneficiary, make_duty, make_referral, make_session, make_specialty, make_staff
from tests.factories import make_visit as visit_of
from tests.on_duty import doctor as doctor

PATIENT = Actor("account", "patient")


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


def test_an_emergency_call_stores_its_reason_and_keeps_every_place(doctor, now):
    first, second = visit_of(), visit_of(here_until=None)
    calling.call_emergency(second, doctor, reason="Chest pain since 9", by=by(doctor), now=now)
    step = Transition.select().order_by(Transition.id.desc()).get()
    assert (step.action, step.reason, Visit.get_by_id(second.id).state) == ("emergency", "Chest pain since 9", "called")
    assert AuditRow.select().where((AuditRow.action == "VisitCalled") & (AuditRow.actor_uid == doctor.uid)).exists()
    sweeps.lapse_calls(now + timedelta(seconds=121))
    after = Visit.get_by_id(second.id)
    assert (after.state, after.lapses, patient_status.position(after, now)) == ("waiting", 0, 1)
    assert patient_status.position(first, now) == 0


def test_an_emergency_call_needs_a_reason_and_is_limited(doctor, now):
    visit = visit_of()
    with pytest.raises(Invalid) as refusal:
        calling.call_emergency(visit, doctor, reason="  urgent ", by=by(doctor), now=now)
    assert refusal.value.fields == {"reason": "Say why in 10 to 200 characters."}
    for _ in range(5):
        calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=by(doctor), now=now)
        calling.skip(visit, reason="", by=by(doctor), now=now)
    with pytest.raises(Conflict, match="No more emergency calls"):
        calling.call_emergency(visit, doctor, reason="Chest pain since 9", by=by(doctor), now=now)


def reasons_stored() -> list[tuple[str, str]]:
    """Specialty and reason of each step that is not undone."""
    undone = Transition.select(Transition.undoes).where(Transition.undoes.is_null(False))
    rows = Transition.select().where((Transition.outcome != "") & Transition.id.not_in(undone))
    return [(row.visit.session.specialty.code, row.outcome) for row in rows]


def test_a_visit_ended_unheld_stores_its_reason(doctor, queue, now):
    visit = visit_of("in_call", doctor=doctor)
    outcomes.end_unheld(visit, reason="technical", note="no sound", by=by(doctor), now=now)
    after = Visit.get_by_id(visit.id)
    assert (after.state, after.live_key) == ("no_show", None)
    assert reasons_stored() == [("medicine", "technical")]
    assert history.history_of(after)[-1].why == "Technical problem: no sound"
    queue.drain()
    assert Message.get().template == "not_held"
    undoing.undo(after, doctor, by=by(doctor), now=now)
    assert reasons_stored() == []


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


@pytest.mark.parametrize(
    ("reason", "note", "field"), [("", "", "reason"), ("tired", "", "reason"), ("other", " ", "note")]
)
def test_ending_unheld_needs_a_reason_of_the_list_and_a_note_for_other(doctor, now, reason, note, field):
    visit = visit_of("called", doctor=doctor)
    with pytest.raises(Invalid) as refusal:
        outcomes.end_unheld(visit, reason=reason, note=note, by=by(doctor), now=now)
    assert set(refusal.value.fields) == {field}
    assert Visit.get_by_id(visit.id).state == "called"


def test_the_order_of_requests_is_independent_of_clock_skew(doctor, now):
    """Q20: the order is the database's own."""
    visits = [visit_of() for _ in range(4)]
    for place, visit in enumerate(visits):
        shifted = now - timedelta(minutes=90 * (place % 3))
        Visit.update(requested_at=shifted, state_since=shifted).where(Visit.id == visit.id).execute()
    assert [patient_status.position(Visit.get_by_id(visit.id), now) for visit in visits] == [0, 1, 2, 3]


def test_undo_of_a_no_show_is_refused_once_the_patient_has_a_new_token(doctor, now):
    visit = visit_of("called", doctor=doctor)
    outcomes.end_unheld(visit, reason="unreachable", note="", by=by(doctor), now=now)
    visit_of(beneficiary=visit.beneficiary)
    assert refusal_of(visit, doctor, now) == "The patient has a new token by now."
    assert services.live_visit(visit.beneficiary).number == 2
    assert Event.select().where(Event.name == "StepUndone").count() == 0
    assert clinic_day(now) == make_session().day

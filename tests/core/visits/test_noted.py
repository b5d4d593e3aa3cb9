"""Audit of every transition, announcement and closing, with the actor."""

from datetime import timedelta
from functools import partial

import pytest

from portal.core.clinic.models import ClinicSession
from portal.core.visits import announcements, calling, feedback, outcomes, services, sweeps, transfers, undoing
from portal.core.visits.models import Announcement, Visit
from portal.settings.clinic import put
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit
from tests.noted import noted

SOMEBODY = Actor("staff", "somebody")
STEPS = [
    ("called", calling.accept_call, "CallAccepted"),
    ("called", calling.give_more_time, "CallExtended"),
    ("called", partial(calling.skip, reason=""), "VisitSkipped"),
    ("in_call", partial(services.end_call, reason=""), "CallEnded"),
    ("in_call", partial(outcomes.end_unheld, reason="unreachable", note=""), "VisitNotHeld"),
    ("writing", services.complete, "VisitCompleted"),
    ("completed", partial(feedback.give, rating="good", text=""), "FeedbackGiven"),
    ("awaiting_recall", services.mark_here, "VisitReturned"),
    ("waiting", services.cancel, "VisitCancelled"),
]
SWEEPS = [
    ("called", sweeps.lapse_calls, "CallMissed"),
    ("in_call", sweeps.release_lost, "DoctorLost"),
    ("writing", sweeps.complete_forgotten, "VisitCompleted"),
]


@pytest.mark.parametrize(("state", "step", "action"), STEPS)
def test_a_persons_step_is_audited(db, now, state, step, action):
    visit = make_visit(state)
    assert noted(lambda: step(visit, by=SOMEBODY, now=now)) == [(action, SOMEBODY, visit.uid)]


@pytest.mark.parametrize(("state", "step", "action"), [step for step in STEPS if step[2] != "FeedbackGiven"])
def test_a_persons_step_makes_what_screens_keep_of_the_session_stale(db, now, state, step, action):
    visit = make_visit(state)
    before = ClinicSession.get_by_id(visit.session_id).version
    step(visit, by=SOMEBODY, now=now)
    assert ClinicSession.get_by_id(visit.session_id).version > before


@pytest.mark.parametrize(("state", "sweep", "action"), SWEEPS)
def test_a_sweeps_step_is_audited(db, clock, state, sweep, action):
    visit = make_visit(state)
    assert noted(lambda: sweep(clock.tick(timedelta(days=3).total_seconds()))) == [(action, SYSTEM, visit.uid)]


def test_a_transfer_and_its_undo_are_audited(db, now):
    visit, colleague = make_visit("in_call"), make_staff()
    for doctor in (visit.doctor, colleague):
        make_duty(doctor, visit.session)
    doctor = Actor("staff", visit.doctor.uid)
    sent = noted(lambda: transfers.transfer(visit, colleague.username, reason="knows more", by=doctor, now=now))
    old = Visit.get_by_id(visit.id)
    new = old.moved_to.uid
    assert sent == [("VisitTransferred", doctor, old.uid), ("TokenMoved", doctor, new)]
    undone = noted(lambda: undoing.undo(old, colleague, by=doctor, now=now))
    assert undone == [("TokenWithdrawn", doctor, new), ("StepUndone", doctor, old.uid)]


def test_closing_and_carrying_are_audited(db, now):
    put("carries_at_closing", "1")
    visit, session = make_visit("waiting"), make_session()
    notes = noted(lambda: sweeps.close_sessions(session.closes_at))
    new = Visit.get_by_id(visit.id).moved_to
    assert notes == [
        ("TokenCarried", SYSTEM, visit.uid),
        ("TokenMoved", SYSTEM, new.uid),
        ("SessionClosed", SYSTEM, ClinicSession.get_by_id(session.id).uid),
    ]


def test_an_announcement_and_its_withdrawal_are_audited(db, now):
    make_specialty()
    said = partial(announcements.announce, "late", "", "", None, "30", by=SOMEBODY, now=now)
    notes, row = noted(said), Announcement.get()
    assert notes == [("AnnouncementMade", SOMEBODY, row.uid)]
    undone = noted(lambda: announcements.withdraw(row, by=SOMEBODY, now=now))
    assert undone == [("AnnouncementWithdrawn", SOMEBODY, row.uid)]

"""Every step of a visit, every announcement and the end of the day stand in the audit chain, with who did it."""

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
def test_a_step_somebody_takes(db, now, state, step, action):
    visit = make_visit(state)
    assert noted(lambda: step(visit, by=SOMEBODY, now=now)) == [(action, SOMEBODY, visit.uid)]


@pytest.mark.parametrize(("state", "sweep", "action"), SWEEPS)
def test_a_step_nobody_takes(db, clock, state, sweep, action):
    visit = make_visit(state)
    assert noted(lambda: sweep(clock.tick(timedelta(days=3).total_seconds()))) == [(action, SYSTEM, visit.uid)]


def test_a_patient_who_is_sent_on_and_taken_back(db, now):
    visit, colleague = make_visit("in_call"), make_staff()
    for doctor in (visit.doctor, colleague):
        make_duty(doctor, visit.session)
    doctor = Actor("staff", visit.doctor.uid)
    sent = noted(lambda: transfers.transfer(visit, colleague.username, reason="knows more", by=doctor, now=now))
    old = Visit.get_by_id(visit.id)
    new = old.moved_to.uid
    assert sent == [("VisitTransferred", doctor, old.uid), ("TokenMoved", doctor, new)]
    taken_back = noted(lambda: undoing.undo(old, colleague, by=doctor, now=now))
    assert taken_back == [("TokenWithdrawn", doctor, new), ("StepUndone", doctor, old.uid)]


def test_the_end_of_the_day(db, now):
    put("carries_at_closing", "1")
    visit, session = make_visit("waiting"), make_session()
    notes = noted(lambda: sweeps.close_sessions(session.closes_at))
    new = Visit.get_by_id(visit.id).moved_to
    assert notes == [
        ("TokenCarried", SYSTEM, visit.uid),
        ("TokenMoved", SYSTEM, new.uid),
        ("SessionClosed", SYSTEM, ClinicSession.get_by_id(session.id).uid),
    ]


def test_what_is_said_to_all_and_taken_back(db, now):
    make_specialty()
    said = partial(announcements.announce, "late", "", "", None, "30", by=SOMEBODY, now=now)
    notes, row = noted(said), Announcement.get()
    assert notes == [("AnnouncementMade", SOMEBODY, row.uid)]
    taken_back = noted(lambda: announcements.withdraw(row, by=SOMEBODY, now=now))
    assert taken_back == [("AnnouncementWithdrawn", SOMEBODY, row.uid)]

"""What must hold after every step, read from the database as it is (safety.md 4.2; the numbers are its names)."""

from collections import Counter
from datetime import datetime

from portal.core import audit
from portal.core.events import Event
from portal.core.visits.models import ClinicSession, Transition, Visit
from portal.core.visits.states import ACTIVE, CALLED, COMPLETED, FINAL, IN_CALL, MOVES, OPEN, WAITING

LEGAL = {*MOVES, ("", WAITING)}


def check(now: datetime, *, after_sweep: bool = False) -> None:
    """Raise AssertionError naming the invariant that broke."""
    visits = list(Visit.select(Visit, ClinicSession).join(ClinicSession).order_by(Visit.id))
    steps = list(Transition.select().order_by(Transition.id))
    _identity(visits)
    _exclusivity(visits)
    _history(visits, steps)
    _closed(visits)
    _effects(steps)
    if after_sweep:
        _liveness(visits, now)


def check_all(now: datetime) -> None:
    """At the end: everything, and the audit chain."""
    check(now)
    assert list(audit.verify()) == [], "Q28: the audit chain is broken"


def _identity(visits: list[Visit]) -> None:
    numbers: dict[int, list[int]] = {}
    for visit in visits:
        numbers.setdefault(visit.session_id, []).append(visit.number)
    for session in ClinicSession.select():
        given = sorted(numbers.get(session.id, []))
        assert given == list(range(1, session.last_number + 1)), f"Q1, Q2: {given}, counter {session.last_number}"
        assert session.last_number <= session.quota, "Q15: more tokens than the quota"


def _exclusivity(visits: list[Visit]) -> None:
    for visit in visits:
        has_doctor = visit.doctor_id is not None and visit.state != COMPLETED
        holds = {visit.state in ACTIVE, has_doctor, visit.lease_until is not None}
        assert len(holds) == 1, f"Q8: {visit.token} is {visit.state}, doctor {visit.doctor_id}, {visit.lease_until}"
        assert (visit.live_key is not None) == (visit.state in OPEN), f"Q10: key of {visit.token} in {visit.state}"
        assert (visit.call_deadline is not None) == (visit.state == CALLED), f"Q31: deadline of {visit.token}"
    busy = Counter(visit.doctor_id for visit in visits if visit.state in ACTIVE)
    assert all(count == 1 for count in busy.values()), f"Q9: a doctor with two patients: {busy}"
    live = Counter(visit.beneficiary_id for visit in visits if visit.state in OPEN)
    assert all(count == 1 for count in live.values()), f"Q10: a patient with two open tokens: {live}"


def _history(visits: list[Visit], steps: list[Transition]) -> None:
    at: dict[int, str] = {}
    for step in steps:
        assert at.get(step.visit_id, "") == step.from_state, f"Q13: a step from {step.from_state} that was not there"
        assert (step.from_state, step.to_state) in LEGAL, f"Q12: {step.from_state} to {step.to_state}"
        assert step.from_state not in FINAL, "Q7: a final state was left"
        at[step.visit_id] = step.to_state
    assert at == {visit.id: visit.state for visit in visits}, "Q13: the rows are not what their history says"


def _closed(visits: list[Visit]) -> None:
    left = [visit.token for visit in visits if visit.session.closed_at and visit.state in OPEN]
    assert left == [], f"Q14: open tokens in a closed session: {left}"


def _effects(steps: list[Transition]) -> None:
    told = Counter(event.subject for event in Event.select(Event.subject).where(Event.name.not_in(_BESIDES)))
    moved = Counter(step.visit.uid for step in Transition.select(Transition, Visit).join(Visit))
    assert told == moved, f"Q25: events and steps differ: {told - moved} {moved - told}"


_BESIDES = ("NearTurn", "DutyChanged", "SessionClosed", "SettingsChanged")


def _liveness(visits: list[Visit], now: datetime) -> None:
    late = [visit.token for visit in visits if visit.state == CALLED and visit.call_deadline <= now]
    assert late == [], f"Q35: calls past their deadline after a sweep: {late}"
    for visit in visits:
        if visit.state in (CALLED, IN_CALL):
            assert (now - visit.lease_until).total_seconds() <= 180, f"Q31: {visit.token} is held by a dead page"

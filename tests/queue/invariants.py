"""The queue's invariants, checked on the database after every step (numbers: safety.md 4.2).

Q26 and Q27 need the operator's ledger (simulation.py), Q30 the hall's display (tests/core/boards/test_displays.py).
"""

from collections import Counter
from datetime import datetime
from typing import Any

from peewee import fn

from portal.core.boards import patient_status
from portal.core.clinic.models import ClinicSession
from portal.core.visits.models import Duty, Transition, Visit
from portal.core.visits.states import (
    ACTIVE,
    CALLED,
    CARRIED,
    COMPLETED,
    EMERGENCY,
    FINAL,
    IN_CALL,
    NEXT,
    OPEN,
    READY,
    TRANSFERRED,
    WAITING,
)
from portal.keeping.models import Generation
from portal.work import audit, audit_chain
from portal.work.events import Event

# Allowed transitions (Q12), written independently of the portal's table; an undo leads to where the undone step began.
LEGAL = {
    "": "waiting",
    "waiting": "called cancelled expired carried transferred",
    "awaiting_recall": "waiting called cancelled no_show expired carried transferred",
    "called": "in_call waiting awaiting_recall cancelled no_show transferred",
    "in_call": "writing completed awaiting_recall no_show transferred",
    "writing": "completed no_show transferred",
}
# The events allowed for a transition (Q25), by its target state.
TOLD = {
    "waiting": "TokenIssued TokenMoved VisitReturned CallMissed",
    "called": "VisitCalled",
    "in_call": "CallAccepted",
    "writing": "CallEnded",
    "completed": "VisitCompleted",
    "awaiting_recall": "VisitSkipped CallMissed DoctorLost",
    "no_show": "VisitNoShow VisitNotHeld",
    "cancelled": "VisitCancelled TokenCancelled TokenWithdrawn",
    "expired": "TokenExpired",
    "transferred": "VisitTransferred",
    "carried": "TokenCarried",
}


def check(now: datetime, *, after_sweep: bool = False, alone: bool = True) -> None:
    """Raise AssertionError naming the broken invariant. `alone`: the database holds nothing but the queue."""
    visits = list(Visit.select(Visit, ClinicSession).join(ClinicSession).order_by(Visit.id))
    steps = list(Transition.select().order_by(Transition.id))
    _identity(visits, steps)
    _exclusivity(visits)
    _history(visits, steps)
    _successors(visits)
    _exceptions(steps)
    _duties(visits)
    _closed(visits)
    _effects(visits, steps, alone)
    if after_sweep:
        _liveness(visits, now)


def check_held(now: datetime) -> None:
    """After a sweep: no visit is held under an expired lease."""
    _liveness(list(Visit.select(Visit, ClinicSession).join(ClinicSession).where(Visit.state.in_(ACTIVE))), now)


def check_all(now: datetime, *, alone: bool = True) -> None:
    """At the end: every invariant, and the audit chain."""
    check(now, alone=alone)
    check_places(now)
    assert list(audit_chain.verify()) == [], "Q28: the audit chain is broken"
    noted = Counter(row.action for row in audit.AuditRow.select(audit.AuditRow.action))
    for name, count in Counter(event.name for event in Event.select(Event.name)).items():
        assert noted[name] == count, f"Q28: {name} happened {count} times and is noted {noted[name]} times"


def _identity(visits: list[Visit], steps: list[Transition]) -> None:
    numbers: dict[int, list[int]] = {}
    session_of = {visit.id: visit.session_id for visit in visits}
    begun = Counter(session_of[step.visit_id] for step in steps if not step.from_state)
    for visit in visits:
        numbers.setdefault(visit.session_id, []).append(visit.number)
    for session in ClinicSession.select():
        given = sorted(numbers.get(session.id, []))
        whole = sorted({*range(1, session.last_number + 1)} - lost_numbers(session))
        assert given == whole, f"Q1, Q2: {given}, counter {session.last_number}"
        beyond = [v for v in visits if v.session_id == session.id and v.number > session.quota and v.place is None]
        assert beyond == [], "Q15: a request beyond the quota"
        assert begun[session.id] == len(whole), f"Q6: {begun[session.id]} begun, {len(whole)} given"
    late = [v.token for v in visits if v.place is None and v.requested_at >= v.session.closes_at]
    assert late == [], f"Q15: asked for after closing time: {late}"


def lost_numbers(session: ClinicSession) -> set[int]:
    """The numbers that a restore skipped: they were told, and are never given again."""
    name = f"token-{session.specialty.code}-{session.day}"
    lost = [each for row in Generation.select() for each in row.lost if each[0] == name]
    return {number for _series, first, last in lost for number in range(first, last + 1)}


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
    by_id = {step.id: step for step in steps}
    for step in steps:
        assert at.get(step.visit_id, "") == step.from_state, f"Q13: a step from {step.from_state} that was not there"
        undone = by_id.get(step.undoes_id)
        assert undone or step.from_state not in FINAL, "Q7: a final state was left, and not by undo"
        legal = [undone.from_state] if undone else LEGAL[step.from_state].split()
        assert step.to_state in legal, f"Q12: {step.from_state} to {step.to_state}"
        at[step.visit_id] = step.to_state
    assert at == {visit.id: visit.state for visit in visits}, "Q13: the rows are not what their history says"


def _successors(visits: list[Visit]) -> None:
    for visit in visits:
        has_successor = visit.state in (TRANSFERRED, CARRIED)
        assert (visit.moved_to_id is not None) == has_successor, (
            f"Q7: {visit.token} is {visit.state}, {visit.moved_to_id}"
        )
    by_id = {visit.id: visit for visit in visits}
    for visit in visits:
        new = by_id.get(visit.moved_to_id, visit)
        same = (visit.beneficiary_id, visit.order[:2], visit.requested_at)
        assert (new.beneficiary_id, new.order[:2], new.requested_at) == same, f"Q19: {visit.token} lost its place"
    origins = Counter(visit.moved_to_id for visit in visits if visit.moved_to_id)
    assert all(count == 1 for count in origins.values()), "Q7: one visit continues two"


def _exceptions(steps: list[Transition]) -> None:
    undone = {step.undoes_id for step in steps}
    calls = [step for step in steps if step.action == EMERGENCY]
    assert all(len(step.reason) >= 10 and step.actor_kind == "staff" for step in calls), "Q18: no reason, or no actor"
    here = Counter(step.visit.session_id for step in calls if step.id not in undone)
    assert all(count <= 5 for count in here.values()), "Q18: too many emergencies in a session"


def _duties(visits: list[Visit]) -> None:
    off = {(row.session_id, row.doctor_id) for row in Duty.select().where(Duty.state == "off")}
    alone = [v.token for v in visits if v.state in ACTIVE and (v.session_id, v.doctor_id) in off]
    assert alone == [], f"Q11: with a doctor who is off duty: {alone}"


def _closed(visits: list[Visit]) -> None:
    left = [visit.token for visit in visits if visit.session.closed_at and visit.state in OPEN]
    assert left == [], f"Q14: open tokens in a closed session: {left}"


def _effects(visits: list[Visit], steps: list[Transition], alone: bool) -> None:
    told: dict[str, list[tuple[str, str]]] = {}
    of_steps = (
        Event.name.not_in(_BESIDES) if alone else Event.name.in_(["StepUndone", *" ".join(TOLD.values()).split()])
    )
    for event in Event.select().where(of_steps).order_by(Event.id):
        to = event.data.get("to", WAITING)
        assert event.name in ("StepUndone", *TOLD[to].split()), f"Q25: {event.name} tells of {to}"
        told.setdefault(event.subject, []).append((event.data.get("from", ""), to))
    moved: dict[str, list[tuple[str, str]]] = {}
    uids = {visit.id: visit.uid for visit in visits}
    for step in steps:
        moved.setdefault(uids[step.visit_id], []).append((step.from_state, step.to_state))
    assert told == moved, f"Q25: events and steps differ: {told} {moved}"


_BESIDES = ("NearTurn", "CallExtended", "DutyChanged", "SessionClosed", "SettingsChanged", "LeaveTaken", "LeaveEnded")


class Watch:
    """Invariants over time: of earlier states, and of answers."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, ...]] = {}
        self.counters: dict[int, int] = {}
        self.seen_step = 0
        self.given = 0
        self.lines = 0

    def answered(self, command: str, answer: str, same: bool) -> None:
        """A refusal changes nothing; every granted request has its token."""
        lines = _lines()
        if answer == "refused":
            assert (same, lines) == (True, self.lines), f"Q24: {command} was refused and left its mark"
        self.lines = lines
        self.given += command == "request" and answer == "ok"
        asked = Visit.select().where(Visit.place.is_null()).count()
        assert asked == self.given, f"Q4, Q5: {self.given} requests were granted, {asked} tokens are there"

    def died(self, world: Any, command: str, *arguments: int | str) -> None:
        """A crash before the commit rolls back the change and its events."""
        before = world.rows()
        if world.die(command, *arguments):
            assert (world.rows(), _lines()) == (before, self.lines), f"Q25: {command} died and left its mark"

    def twice(self, world: Any, command: str, *arguments: int | str) -> None:
        """A double click is idempotent."""
        before = world.state()
        world.do(command, *arguments)
        assert world.state() == before, f"Q23: {command} twice is more than once"
        self.lines = _lines()

    def repeated(self, world: Any, command: str, *arguments: int) -> None:
        """A repeated request changes nothing."""
        before = world.state()
        assert world.do(command, *arguments) == "refused", "Q22: a second answer to one request"
        assert world.state() == before, "Q23: asking twice is more than asking once"

    def look(self, now: datetime) -> None:
        """Check identities, counters and the newest calls."""
        for visit in Visit.select().order_by(Visit.id):
            identity = (visit.session_id, visit.number, visit.beneficiary_id, visit.place, visit.priority)
            assert self.known.setdefault(visit.id, identity) == identity, "Q3: a token has changed its identity"
        for session in ClinicSession.select():
            asked = Visit.select(Visit.number).where((Visit.session == session) & Visit.place.is_null())
            numbers = [visit.number for visit in asked.order_by(Visit.id)]
            assert numbers == sorted(numbers), "Q21: who asked later has the earlier number"
            assert session.last_number >= self.counters.get(session.id, 0), "Q2: the counter fell"
            self.counters[session.id] = session.last_number
        fresh = Transition.select().where(Transition.id > self.seen_step).order_by(Transition.id)
        for step in fresh:
            self.seen_step = step.id
            if step.to_state == CALLED and step.undoes_id is None:
                _called_rightly(step, now)


def _lines() -> int:
    return int(Transition.select().count() + Event.select().count())


def _called_rightly(step: Transition, now: datetime) -> None:
    """Right after a call: by a doctor on duty in that specialty, of the first present patient."""
    visit = step.visit
    duties = {row.doctor_id: row.state for row in Duty.select().where(Duty.session == visit.session)}
    assert duties.get(visit.doctor_id) == "on", "Q11: called by somebody who is not on duty here"
    assert visit.doctor.specialty_id == visit.session.specialty_id, "Q11: called by another specialty"
    if step.action != NEXT:
        return
    busy = {doctor for doctor, state in duties.items() if state != "off" and doctor != visit.doctor_id}
    line = Visit.select().where((Visit.session == visit.session) & Visit.state.in_(READY) & (Visit.here_until > now))
    present = [other for other in line if other.wanted_doctor_id not in busy]
    is_present = visit.here_until is not None and visit.here_until > now
    assert is_present, "Q16: called as the next one while absent"
    before = [other for other in present if other.order < visit.order]
    assert all(other.priority > visit.priority for other in before), "Q16, Q20: somebody before was passed over"
    normal = min((other for other in present if not other.priority), key=lambda one: one.order, default=None)
    if visit.priority and normal is not None:
        assert _in_a_row(visit.session, normal) <= 2, "Q17: a third call with priority in a row"


def _in_a_row(session: ClinicSession, normal: Visit) -> int:
    """Count the last priority calls in a row since this request, without emergencies and undone calls."""
    undone = Transition.select(Transition.undoes).where(Transition.undoes.is_null(False))
    calls = Transition.select(Transition, Visit).join(Visit, on=Transition.visit)
    calls = calls.where(
        (Visit.session == session) & (Transition.from_state == WAITING) & (Transition.to_state == CALLED)
    )
    asked = Transition.select(fn.MIN(Transition.id)).where(Transition.visit == (normal.place or normal.id))
    calls = calls.where((Transition.id > asked) & (Transition.action != EMERGENCY))
    count = 0
    for step in calls.where(Transition.id.not_in(undone)).order_by(Transition.id.desc()):
        if not step.visit.priority:
            break
        count += 1
    return count


def check_places(now: datetime) -> None:
    """The place shown on each page agrees with the whole queue."""
    for session in ClinicSession.select():
        line = [v for v in Visit.select().where(Visit.session == session) if v.state in READY]
        counted = [v for v in line if v.state == WAITING or (v.here_until and v.here_until > now)]
        for visit in line:
            ahead = sum(other.order < visit.order for other in counted)
            assert patient_status.position(visit, now) == ahead, f"Q29: {visit.token} is told a wrong place"


def _liveness(visits: list[Visit], now: datetime) -> None:
    late = [visit.token for visit in visits if visit.state == CALLED and visit.call_deadline <= now]
    assert late == [], f"Q35: calls past their deadline after a sweep: {late}"
    for visit in visits:
        if visit.state in ACTIVE:
            most = 180 if visit.state in (CALLED, IN_CALL) else 48 * 3600
            assert (now - visit.lease_until).total_seconds() <= most, f"Q31: {visit.token} is held by a dead page"

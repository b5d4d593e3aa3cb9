"""Visits: requested, moved from state to state by one writer, cancelled, completed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.beneficiaries.consents import REGISTRATION, has_withdrawn
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Specialty, bump
from portal.core.clinic.sessions import draw_number, session_for
from portal.core.referrals.checks import Gate
from portal.core.rosters.reading import all_away, nobody_there
from portal.core.visits import queue_order
from portal.core.visits.attendance import present
from portal.core.visits.events import CallEnded, Moves, TokenIssued, VisitCancelled, VisitCompleted, VisitReturned
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import (
    AWAITING_RECALL,
    CANCELLED,
    COMPLETED,
    END_CALL,
    FINAL,
    IN_CALL,
    OPEN,
    READY,
    WAITING,
    WRITING,
    is_allowed,
)
from portal.plugin_host.capabilities import counts_waiting
from portal.settings.clinic import QueueRules
from portal.store import prepared
from portal.store.db import claim, write
from portal.store.prepared import Prepared
from portal.work.audit import Actor
from portal.work.events import record

REASON_LIMIT = 200


@dataclass(frozen=True)
class Step:
    """Extra fields of a transition: the action of staff, the outcome, the transition it undoes."""

    action: str = ""
    outcome: str = ""
    undoes: Transition | None = None


PLAIN = Step()


class LiveToken(Conflict):
    """This person has an open visit, `visit`; the message names its token, the page links to it."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(
            _(
                "This person has token %(token)s already, so no second one was taken. One token at a time is enough.",
                token=visit.token,
            )
        )
        self.visit = visit


@Prepared
def _by_live_key(key: object) -> peewee.Select:
    return Visit.select().where(Visit.live_key == key)


def live_visit(beneficiary: Beneficiary) -> Visit | None:
    """Return the one open visit of a person, or None."""
    found: Visit | None = _by_live_key.first(str(beneficiary.id))
    return found


def request_token(
    beneficiary: Beneficiary, specialty: Specialty, complaint: str, *, gate: Gate, by: Actor, now: datetime
) -> Visit:
    """Create a visit with the next number of today's session. Raises Conflict when closed or full, LiveToken."""
    with write():
        live = live_visit(beneficiary)
        if live is not None:
            raise LiveToken(live)
        if has_withdrawn(beneficiary, REGISTRATION):
            raise Conflict(_("The consent to keep data is withdrawn. Give it again under “Consents”, then ask again."))
        session = session_for(specialty, now)
        number = draw_number(session, now)
        # After drawing, which locks the session: leave and changes of the roster take the same lock.
        if all_away(specialty, session.day, now) and not present(session):
            raise Conflict(nobody_there(specialty, session.day))
        priority, reason = priority_of(beneficiary, gate, now)
        visit = insert(
            beneficiary,
            session=session,
            number=number,
            referral=gate.referral,
            exemption=gate.exemption,
            complaint=complaint,
            priority=priority,
            priority_reason=reason,
            state_since=now,
            requested_at=now,
            here_until=now + timedelta(seconds=QueueRules.in_force().presence_seconds),
        )
        append(visit, "", WAITING, by=by, now=now)
        record(
            TokenIssued(
                token=visit.token,
                number=number,
                specialty=specialty.code,
                beneficiary=beneficiary.uid,
                patient_id=beneficiary.patient_id,
                priority_reason=reason,
            ),
            visit.uid,
            by=by,
            now=now,
        )
    return visit


def priority_of(beneficiary: Beneficiary, gate: Gate, now: datetime) -> tuple[int, str]:
    """Return the priority class and its stored reason."""
    if gate.urgent:
        return 1, "urgent"
    if age_on(beneficiary.entry.date_of_birth, clinic_day(now)) >= QueueRules.in_force().priority_age:
        return 1, "age"
    return (1, "disability") if beneficiary.entry.has_disability else (0, "")


def move(
    visit: Visit,
    to: str,
    *,
    by: Actor,
    role: str,
    now: datetime,
    event: Moves,
    reason: str = "",
    still: peewee.Expression | None = None,
    step: Step = PLAIN,
    **changes: object,
) -> None:
    """Move a visit to another state: the only writer of `state`.

    Compare-and-set on state and call attempt, and on `still` where given. Raises Conflict when the transition is not
    allowed or lost the race. The session's row is locked first, so that all transitions lock in one order.
    """
    start, reason = visit.state, " ".join(reason.split())[:REASON_LIMIT]
    if not is_allowed(start, to, role):
        raise Conflict(stale())
    before = _undo_values(visit) if step.action else None
    changes = _cleared_by(to) | changes | {"state": to, "state_since": now}
    unchanged = (Visit.id == visit.id) & (Visit.state == start) & (Visit.attempt == visit.attempt)
    with write():
        bump(visit.session)
        if not claim(Visit.update(**changes).where(unchanged if still is None else unchanged & still)):
            raise Conflict(stale())
        for name, value in changes.items():
            setattr(visit, name, value)
        append(visit, start, to, by=by, now=now, reason=reason, step=step, before=before)
        told = event(token=visit.token, from_=start, to=to, attempt=visit.attempt)
        record(told, visit.uid, by=by, now=now)
        if start in READY and to not in READY and role != "system":  # a sweep clears the queue: no turn comes near
            queue_order.tell_near_turn(visit.session, by=by, now=now)


def _undo_values(visit: Visit) -> dict[str, object]:
    """Return what an undo of the next step restores, as JSON values."""
    moments = {"here_until": visit.here_until, "call_deadline": visit.call_deadline}
    plain = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {"doctor": visit.doctor_id, "lapses": visit.lapses} | plain


def stale() -> str:
    """Return the message for a lost race or a stale page."""
    return _("This has changed in the meantime. The page now shows the present state.")


def mark_here(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Touch presence by a tap on "I am here"; after a missed call, also return to the old place. Raises Conflict."""
    until = now + timedelta(minutes=QueueRules.in_force().here_minutes)
    if visit.state not in OPEN:
        raise Conflict(_("This visit is over. Ask for a new token when you need the doctor."))
    if visit.state == AWAITING_RECALL:
        move(visit, WAITING, by=by, role="beneficiary", now=now, event=VisitReturned, here_until=until)
        return
    _write_presence(visit, until, bumps=True)


def touch_presence(visit: Visit, now: datetime) -> None:
    """Touch presence for a fetched page. After a missed call only a tap makes a patient present again."""
    until = now + timedelta(seconds=QueueRules.in_force().presence_seconds)
    fresh = visit.here_until is not None and visit.here_until > now
    if visit.state not in READY or (visit.state == AWAITING_RECALL and not fresh):
        return
    if fresh and visit.here_until > now + (until - now) / 2:
        return  # still fresh: not every poll may cost a write
    _write_presence(visit, until, bumps=not fresh)


def _write_presence(visit: Visit, until: datetime, *, bumps: bool) -> None:
    """Write presence unless the state has changed; bump the session if boards show a difference."""
    with write():
        if bumps:
            bump(visit.session)
        Visit.update(here_until=until).where((Visit.id == visit.id) & (Visit.state == visit.state)).execute()
    visit.here_until = until


def end_call(visit: Visit, *, reason: str, by: Actor, now: datetime) -> None:
    """End the call; the doctor writes."""
    move(visit, WRITING, by=by, role="doctor", now=now, event=CallEnded, reason=reason, step=Step(END_CALL))


def complete(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Complete a visit: its referral is used, the doctor free. Raises Conflict unless in call or writing."""
    if visit.state not in (IN_CALL, WRITING):
        raise Conflict(stale())
    move(visit, COMPLETED, by=by, role="doctor", now=now, event=VisitCompleted)


def cancel(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Cancel a visit for the patient. The referral is not used."""
    move(visit, CANCELLED, by=by, role="beneficiary", now=now, event=VisitCancelled)


def insert(beneficiary: Beneficiary, **values: object) -> Visit:
    """Insert an open visit. Raises LiveToken when the person has one (unique `live_key`)."""
    try:
        with write():
            return prepared.insert(Visit(beneficiary=beneficiary, live_key=str(beneficiary.id), **values))
    except peewee.IntegrityError as error:
        live = live_visit(beneficiary)
        if live is None:
            raise
        raise LiveToken(live) from error


def _cleared_by(to: str) -> dict[str, object]:
    """Return what a new state clears: only active visits have a lease, only calls a deadline."""
    changes: dict[str, object] = {"call_deadline": None}
    if to in READY or to in FINAL:
        changes["lease_until"] = None
        if to != COMPLETED:
            changes["doctor"] = None
    if to in FINAL:
        changes["live_key"] = None
    return changes


def append(
    visit: Visit,
    start: str,
    to: str,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    step: Step = PLAIN,
    before: dict[str, object] | None = None,
) -> None:
    """Append a transition to a visit's history."""
    line = Transition(
        visit=visit,
        at=now,
        from_state=start,
        to_state=to,
        actor_kind=by.kind,
        actor_uid=by.uid,
        reason=reason,
        action=step.action,
        outcome=step.outcome,
        undoes=step.undoes,
        before=before,
    )
    prepared.insert(line)


@counts_waiting("visits")
def open_visits() -> int:
    """Count the open visits."""
    return int(Visit.select().where(Visit.state.in_(OPEN)).count())

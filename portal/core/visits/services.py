"""Tokens: asked for, moved from state to state by one writer, given up, completed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Specialty, bump
from portal.core.clinic.sessions import draw_number, session_for
from portal.core.referrals.checks import Gate
from portal.core.visits import queue_order
from portal.core.visits.attendance import all_away
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
    """What a transition says besides: the name of a step of staff, why nothing came of the visit, what it undoes."""

    action: str = ""
    outcome: str = ""
    undoes: Transition | None = None


PLAIN = Step()


class LiveToken(Conflict):
    """This person already has a token; the message says where it is."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(
            _(
                "There is already a token %(token)s for this person. Its page is %(address)s.",
                token=visit.token,
                address=f"/visits/{visit.uid}",
            )
        )
        self.visit = visit


@Prepared
def _by_live_key(key: object) -> peewee.Select:
    return Visit.select().where(Visit.live_key == key)


def live_visit(beneficiary: Beneficiary) -> Visit | None:
    """The one open visit of a person, or None."""
    found: Visit | None = _by_live_key.first(str(beneficiary.id))
    return found


def request_token(
    beneficiary: Beneficiary, specialty: Specialty, complaint: str, *, gate: Gate, by: Actor, now: datetime
) -> Visit:
    """Give the next number of today's session. Raises Conflict when closed or full, LiveToken when one is open."""
    with write():
        live = live_visit(beneficiary)
        if live is not None:
            raise LiveToken(live)
        session = session_for(specialty, now)
        number = draw_number(session, now)
        if all_away(specialty, session.day):  # asked now: drawing has locked the session, and leave waits for that
            raise Conflict(_("No doctor of this specialty is there today. Please try on the next working day."))
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
    """The priority class, and the reason that stands on the record."""
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
    """Take a visit to another state: the only writer of `state`.

    Compare-and-set on state and call attempt, and on `still` where given. Raises Conflict when the move is not legal
    or somebody was faster. The session's row is locked first, so that all movers lock in one order.
    """
    start, reason = visit.state, " ".join(reason.split())[:REASON_LIMIT]
    if not is_allowed(start, to, role):
        raise Conflict(stale())
    before = _remembered(visit) if step.action else None
    changes = _released(to) | changes | {"state": to, "state_since": now}
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
        if start in READY and to not in READY and role != "system":  # a sweep clears the line: nobody's turn comes
            queue_order.tell_near_turn(visit.session, by=by, now=now)


def _remembered(visit: Visit) -> dict[str, object]:
    """What taking the next step back would restore, as plain values."""
    moments = {"here_until": visit.here_until, "call_deadline": visit.call_deadline}
    plain = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {"doctor": visit.doctor_id, "lapses": visit.lapses} | plain


def stale() -> str:
    """What a lost race or an outdated page is told."""
    return _("This has changed in the meantime. The page now shows the present state.")


def mark_here(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The tap on "I am here": present for a while, and back in line at the old place after a missed call."""
    until = now + timedelta(minutes=QueueRules.in_force().here_minutes)
    if visit.state not in OPEN:
        raise Conflict(_("This visit is over. Ask for a new token when you need the doctor."))
    if visit.state == AWAITING_RECALL:
        move(visit, WAITING, by=by, role="beneficiary", now=now, event=VisitReturned, here_until=until)
        return
    _keep_present(visit, until, tell=True)


def saw(visit: Visit, now: datetime) -> None:
    """The patient's page was fetched: present for another minute. After a missed call only a tap brings one back."""
    until = now + timedelta(seconds=QueueRules.in_force().presence_seconds)
    fresh = visit.here_until is not None and visit.here_until > now
    if visit.state not in READY or (visit.state == AWAITING_RECALL and not fresh):
        return
    if fresh and visit.here_until > now + (until - now) / 2:
        return  # written a moment ago: a poll must not cost a write each time
    _keep_present(visit, until, tell=not fresh)


def _keep_present(visit: Visit, until: datetime, *, tell: bool) -> None:
    """Present until then, unless the visit has moved on; boards are told when that is news to them."""
    with write():
        if tell:
            bump(visit.session)
        Visit.update(here_until=until).where((Visit.id == visit.id) & (Visit.state == visit.state)).execute()
    visit.here_until = until


def end_call(visit: Visit, *, reason: str, by: Actor, now: datetime) -> None:
    """The conversation is over; the doctor writes."""
    move(visit, WRITING, by=by, role="doctor", now=now, event=CallEnded, reason=reason, step=Step(END_CALL))


def complete(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The visit is done: the referral is used, the doctor is free. Raises Conflict unless in call or writing."""
    if visit.state not in (IN_CALL, WRITING):
        raise Conflict(stale())
    move(visit, COMPLETED, by=by, role="doctor", now=now, event=VisitCompleted)


def cancel(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The patient gives the place up. The referral is not used."""
    move(visit, CANCELLED, by=by, role="beneficiary", now=now, event=VisitCancelled)


def insert(beneficiary: Beneficiary, **values: object) -> Visit:
    """A new open visit. Raises LiveToken when this person has one: the database itself allows only one."""
    try:
        with write():
            return prepared.insert(Visit(beneficiary=beneficiary, live_key=str(beneficiary.id), **values))
    except peewee.IntegrityError as error:
        live = live_visit(beneficiary)
        if live is None:
            raise
        raise LiveToken(live) from error


def _released(to: str) -> dict[str, object]:
    """What a state lets go of: only active visits have a doctor's lease, only a call has a deadline."""
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
    """Add one line to a visit's history."""
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
    """How many patients have a token now."""
    return int(Visit.select().where(Visit.state.in_(OPEN)).count())

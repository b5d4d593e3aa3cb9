"""A visit that goes on in another place: transferred to a colleague, or carried to another day.

The old visit is final, `moved_to` names its one successor. The successor gets the next number of its session, and
stands where asking at the old one's time would have put it: it keeps that one's `place` in the order of asking (the
database's own sequence, so no host's clock matters), its class of priority and its referral. Quota and booking hours
are for those who ask; who was sent on has asked already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession
from portal.core.clinic.sessions import number_beyond_quota
from portal.core.visits.models import Visit
from portal.core.visits.services import Step, append, insert, move
from portal.core.visits.states import WAITING
from portal.store.db import claim, locked, write
from portal.work.audit import Actor
from portal.work.events import record

Mover = Callable[[Visit, Visit], None]
_movers: list[Mover] = []


def goes_along(function: Mover) -> Mover:
    """Register a function of (visit, the one in its place), called in the transaction in which one takes over."""
    _movers.append(function)
    return function


def take_along(visit: Visit, other: Visit) -> None:
    """What hangs on a visit hangs on the other from now on."""
    for function in _movers:
        function(visit, other)


@dataclass(frozen=True)
class Continuation:
    """How a visit goes on: its final state, the event that tells of it, who may do it, and why."""

    final: str
    event: str
    role: str
    reason: str
    step: Step


def continue_in(
    session: ClinicSession,
    visit: Visit,
    onward: Continuation,
    *,
    by: Actor,
    now: datetime,
    here_until: datetime | None = None,
    wanted_doctor: Staff | None = None,
    carries: int = 0,
) -> Visit:
    """End this visit and begin its successor in a session, in one transaction. Raises Conflict when not legal."""
    with write():
        lock_in_order(visit.session, session)
        move(
            visit,
            onward.final,
            by=by,
            role=onward.role,
            now=now,
            event=onward.event,
            reason=onward.reason,
            step=onward.step,
            data={"session": session.uid},
        )
        successor = insert(
            visit.beneficiary,
            session=session,
            number=number_beyond_quota(session),
            referral=visit.referral,
            exemption=visit.exemption,
            complaint=visit.complaint,
            priority=visit.priority,
            priority_reason=visit.priority_reason,
            state_since=now,
            requested_at=visit.requested_at,
            here_until=here_until,
            place=visit.place or visit.id,
            wanted_doctor=wanted_doctor,
            carries=carries,
        )
        claim(Visit.update(moved_to=successor).where(Visit.id == visit.id))
        visit.moved_to = successor
        take_along(visit, successor)
        append(successor, "", WAITING, by=by, now=now, reason=onward.reason)
        record("TokenMoved", successor.uid, by=by, now=now, token=successor.token, before=visit.token, why=onward.final)
    return successor


def lock_in_order(*sessions: ClinicSession) -> None:
    """Lock sessions always in the same order: two doctors who send patients to each other must not wait in a ring."""
    rows = ClinicSession.select(ClinicSession.id).where(ClinicSession.id.in_([row.id for row in sessions]))
    list(locked(rows.order_by(ClinicSession.id)))

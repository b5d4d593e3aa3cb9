"""Undo of the last step of staff: within a short time, by whoever took it, while nothing has happened since.

History is append-only: an undo is a transition of its own that references the undone one.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import peewee

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession
from portal.core.visits import attendance
from portal.core.visits.events import StepUndone, TokenWithdrawn
from portal.core.visits.models import Transition, Visit
from portal.core.visits.services import Step, live_visit, move
from portal.core.visits.states import ACTIVE, BACK_TO, CALLED, CANCELLED, FINAL, TRANSFER, UNDO, WAITING, WRITING
from portal.core.visits.successors import lock_in_order, move_dependents
from portal.settings.clinic import QueueRules
from portal.store.db import write
from portal.work.audit import Actor


def undo(visit: Visit, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """Undo the last step of a visit. Raises Conflict with the reason when it cannot be undone."""
    with write():
        lock_in_order(visit.session, *([visit.moved_to.session] if visit.moved_to else []))
        last = last_step(visit)
        _require_mine(last, visit, by, now)
        if last.from_state in ACTIVE:
            _require_ready(visit, doctor)
        if last.action == TRANSFER:
            _withdraw_successor(visit, by=by, now=now)
        elif visit.state in FINAL and live_visit(visit.beneficiary):
            raise Conflict(_("The patient has a new token by now."))
        _step_back(visit, last, by=by, now=now)


def _step_back(visit: Visit, last: Transition, *, by: Actor, now: datetime) -> None:
    """Move the visit back. Raises Conflict when the patient gets a new token concurrently."""
    restored = _restored(visit, last, now)
    deadline = restored["call_deadline"].isoformat() if last.from_state == CALLED else None
    try:
        move(
            visit,
            last.from_state,
            by=by,
            role="undo",
            now=now,
            event=partial(StepUndone, undone=last.action, deadline=deadline),
            step=Step(UNDO, undoes=last),
            **restored,
        )
    except peewee.IntegrityError as error:
        raise Conflict(_("The patient has a new token by now.")) from error


def last_step(visit: Visit) -> Transition:
    """Return the newest transition of a visit."""
    steps = Transition.select().where(Transition.visit == visit)
    found: Transition = steps.order_by(Transition.id.desc()).get()
    return found


def can_undo_until(at: datetime) -> datetime:
    """Return until when a step taken at this moment can be undone."""
    return at + timedelta(seconds=QueueRules.in_force().undo_seconds)


def _require_mine(last: Transition, visit: Visit, by: Actor, now: datetime) -> None:
    if not last.action or last.to_state != visit.state:
        raise Conflict(_("Something has happened since; this can no longer be undone."))
    if last.action == UNDO:
        raise Conflict(_("This has been undone already."))
    if last.actor_uid != by.uid:
        raise Conflict(_("Only the one who did this can undo it."))
    if now > can_undo_until(last.at):
        raise Conflict(_("It is too late to undo this."))
    if ClinicSession.get_by_id(visit.session_id).closed_at is not None:
        raise Conflict(_("The clinic is closed; this can no longer be undone."))
    if last.from_state == CALLED and _moment(last, "call_deadline", now) <= now:
        raise Conflict(_("The time to answer that call is over; this can no longer be undone."))


def _require_ready(visit: Visit, doctor: Staff) -> None:
    """Require that the doctor is on duty and has no other patient."""
    if attendance.duty_state(doctor, visit.session) == attendance.OFF:
        raise Conflict(_("You are not on duty. Press “On duty” first."))
    if any(held.id != visit.id for held in attendance.active_visits(doctor)):
        raise Conflict(_("You have another patient now. Complete that visit first."))


def _withdraw_successor(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Cancel the successor, if untouched, and move its records back. Raises Conflict."""
    successor = visit.moved_to
    if successor.state != WAITING or Transition.select().where(Transition.visit == successor).count() > 1:
        raise Conflict(_("Something has happened since; this can no longer be undone."))
    move(successor, CANCELLED, by=by, role="undo", now=now, event=TokenWithdrawn, reason=_before(visit))
    move_dependents(successor, visit)


def _restored(visit: Visit, last: Transition, now: datetime) -> dict[str, Any]:
    """Return the values the step had changed besides the state; newer presence is kept."""
    before = last.before or {}
    here = _moment(last, "here_until", now) if before.get("here_until") else None
    here = max(filter(None, (here, visit.here_until)), default=None)
    changes: dict[str, Any] = {"lapses": before.get("lapses", visit.lapses), "here_until": here, "moved_to": None}
    if visit.state in FINAL:
        changes["live_key"] = str(visit.beneficiary_id)
    if last.from_state in ACTIVE:
        changes |= {"doctor": before["doctor"], "lease_until": now + attendance.PAGE_LEASE}
        changes["attempt"] = visit.attempt + (last.to_state != WRITING)  # the old attempt's room is closed
    if last.from_state == CALLED:
        changes["call_deadline"] = _moment(last, "call_deadline", now)
    return changes


def _moment(last: Transition, name: str, now: datetime) -> datetime:
    text = (last.before or {}).get(name)
    return datetime.fromisoformat(text) if text else now


def _before(visit: Visit) -> str:
    return f"{BACK_TO}{visit.token}"

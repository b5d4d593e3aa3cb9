"""The last step of staff taken back: within a short time, by whoever took it, while nothing has happened since.

Nothing is wiped out: taking back is a step of its own, and names the step that it undoes.
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
from portal.core.visits.successors import lock_in_order, take_along
from portal.settings.clinic import QueueRules
from portal.store.db import write
from portal.work.audit import Actor


def undo(visit: Visit, doctor: Staff, *, by: Actor, now: datetime) -> None:
    """Take the last step of this visit back. Raises Conflict with the reason when that cannot be."""
    with write():
        lock_in_order(visit.session, *([visit.moved_to.session] if visit.moved_to else []))
        last = last_step(visit)
        _require_mine(last, visit, by, now)
        if last.from_state in ACTIVE:
            _require_ready(visit, doctor)
        if last.action == TRANSFER:
            _take_successor_back(visit, by=by, now=now)
        elif visit.state in FINAL and live_visit(visit.beneficiary):
            raise Conflict(_("The patient has a new token by now."))
        _step_back(visit, last, by=by, now=now)


def _step_back(visit: Visit, last: Transition, *, by: Actor, now: datetime) -> None:
    """The step itself. Raises Conflict when the patient took a new token in this very moment."""
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
    """The newest line of a visit's history."""
    steps = Transition.select().where(Transition.visit == visit)
    found: Transition = steps.order_by(Transition.id.desc()).get()
    return found


def can_undo_until(at: datetime) -> datetime:
    """Until when a step of that moment can be taken back."""
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
    """The patient comes back to this doctor, who must be there and have nobody else."""
    if attendance.duty_state(doctor, visit.session) == attendance.OFF:
        raise Conflict(_("You are not on duty. Press “On duty” first."))
    if any(held.id != visit.id for held in attendance.active_visits(doctor)):
        raise Conflict(_("You have another patient now. Complete that visit first."))


def _take_successor_back(visit: Visit, *, by: Actor, now: datetime) -> None:
    """The new token ends, if nothing has become of it, and the records come back."""
    successor = visit.moved_to
    if successor.state != WAITING or Transition.select().where(Transition.visit == successor).count() > 1:
        raise Conflict(_("Something has happened since; this can no longer be undone."))
    move(successor, CANCELLED, by=by, role="undo", now=now, event=TokenWithdrawn, reason=_before(visit))
    take_along(successor, visit)


def _restored(visit: Visit, last: Transition, now: datetime) -> dict[str, Any]:
    """What the step had changed besides the state. A patient who said "I am here" since stays present."""
    before = last.before or {}
    here = _moment(last, "here_until", now) if before.get("here_until") else None
    here = max(filter(None, (here, visit.here_until)), default=None)
    changes: dict[str, Any] = {"lapses": before.get("lapses", visit.lapses), "here_until": here, "moved_to": None}
    if visit.state in FINAL:
        changes["live_key"] = str(visit.beneficiary_id)
    if last.from_state in ACTIVE:
        changes |= {"doctor": before["doctor"], "lease_until": now + attendance.PAGE_LEASE}
        changes["attempt"] = visit.attempt + (last.to_state != WRITING)  # its room is closed: a new one
    if last.from_state == CALLED:
        changes["call_deadline"] = _moment(last, "call_deadline", now)
    return changes


def _moment(last: Transition, name: str, now: datetime) -> datetime:
    text = (last.before or {}).get(name)
    return datetime.fromisoformat(text) if text else now


def _before(visit: Visit) -> str:
    return f"{BACK_TO}{visit.token}"

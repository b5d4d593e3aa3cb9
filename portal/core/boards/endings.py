"""How a visit ended, as the patient reads it: what happened, and the token that continues it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import peewee

from portal.base.language import gettext as _
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import (
    AWAITING_RECALL,
    AWAY,
    CANCELLED,
    COMPLETED,
    CUT,
    FINAL,
    IN_CALL,
    NO_SHOW,
    OPEN,
    TRANSFERRED,
    WITHDRAWN,
    shown_state,
)

UNDO_WATCH = timedelta(minutes=2)  # so long a page polls for the doctor's undo


@dataclass(frozen=True)
class NextToken:
    """The token that continues a visit."""

    uid: str
    token: str
    specialty: Specialty
    day: date
    is_live: bool


@dataclass(frozen=True)
class Ending:
    """What happened, the doctor's reason code if any, the next token if any."""

    kind: str
    outcome: str = ""
    onward: NextToken | None = None

    @property
    def cache_key(self) -> tuple[object, ...]:
        """Equal keys read the same."""
        return self.kind, self.outcome, self.onward and (self.onward.uid, self.onward.is_live)


def reasons() -> dict[str, str]:
    """Return the sentence for the patient by reason code: why there was no consultation."""
    return {
        "unreachable": _("The doctor could not reach you."),
        "wrong_specialty": _("A doctor of another specialty is right for this trouble."),
        "technical": _("There was a technical problem."),
        "left": _("You had left the call."),
        "hospital": _("The doctor asked you to go to a hospital."),
        "identity": _("The doctor could not make sure that this token is yours."),
    }


def may_be_undone(visit: Visit) -> bool:
    """Is this an ending that the doctor may undo?"""
    return visit.state in (TRANSFERRED, NO_SHOW)


def endings_of(visits: Sequence[Visit]) -> dict[int, Ending]:
    """Load the endings of visits by id, in a fixed number of queries.

    Completed visits have none; a visit awaiting recall has one that tells how its call ended.
    """
    over = [visit for visit in visits if visit.state in FINAL and visit.state != COMPLETED]
    again = [visit for visit in visits if visit.state == AWAITING_RECALL]
    if not over and not again:
        return {}
    last, next_ = _last_steps(over + again), _next_tokens(over) if over else {}
    return {visit.id: _ending(visit, last.get(visit.id), next_) for visit in over + again}


def _ending(visit: Visit, last: Transition | None, next_: dict[object, NextToken]) -> Ending:
    if visit.state == AWAITING_RECALL:
        return Ending(CUT if last and last.from_state == IN_CALL else visit.state)
    onward = next_.get(visit.moved_to_id) or next_.get(str(visit.beneficiary_id))
    reason, outcome = (last.reason, last.outcome) if last else ("", "")
    return Ending(_kind(visit.state, reason, outcome), outcome, onward)


def _kind(state: str, reason: str, outcome: str) -> str:
    if state == NO_SHOW and outcome:
        return "not_held"
    if shown_state(state, reason) == WITHDRAWN:
        return "taken_back"
    return "away" if state == CANCELLED and reason == AWAY else state


def _last_steps(visits: Sequence[Visit]) -> dict[int, Transition]:
    newest = Transition.select(peewee.fn.MAX(Transition.id)).where(Transition.visit.in_([row.id for row in visits]))
    return {
        step.visit_id: step for step in Transition.select().where(Transition.id.in_(newest.group_by(Transition.visit)))
    }


def _next_tokens(visits: Sequence[Visit]) -> dict[object, NextToken]:
    """Map visit id and live key to tokens: the successor, else the person's current token."""
    moved = Visit.id.in_([row.moved_to_id for row in visits if row.moved_to_id])
    held = Visit.live_key.in_([str(row.beneficiary_id) for row in visits])
    rows = Visit.select(Visit, ClinicSession, Specialty).join(ClinicSession).join(Specialty).where(moved | held)
    found: dict[object, Any] = {}
    for row in rows:
        onward = NextToken(row.uid, row.token, row.session.specialty, row.session.day, row.state in OPEN)
        found |= {row.id: onward} | ({row.live_key: onward} if row.live_key else {})
    return found

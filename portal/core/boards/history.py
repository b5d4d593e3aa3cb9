"""A visit's history in words, and the last steps of a session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.boards.words import own_reason, reason_words, state_words
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import UNDO, shown_state
from portal.settings.clinic import QueueRules
from portal.store.prepared import Prepared

RECENTLY = timedelta(minutes=10)


@dataclass(frozen=True)
class HistoryStep:
    """One transition: when, by whom (`staff` is None if not by staff), what, and why."""

    id: int
    at: datetime
    visit: Visit
    staff: Staff | None
    actor: str
    action: str
    to_state: str
    reason: str  # free text of the doctor, or a text the portal stores
    outcome: str  # a code of outcomes.REASONS
    undo_until: datetime | None = None

    @property
    def state_read(self) -> str:
        """The state it led to, as people read it."""
        return shown_state(self.to_state, self.reason)

    @property
    def why(self) -> str:
        """The reason in the current language; translated late, as steps are cached for readers of both."""
        known = reason_words()
        parts = (known.get(self.outcome, ""), "" if self.reason in known else own_reason(self.reason))
        return ": ".join(part for part in parts if part)

    def can_undo(self, staff_id: int, now: datetime) -> bool:
        """May this person undo the step now? For display; undoing.undo decides."""
        is_mine = self.staff is not None and self.staff.id == staff_id
        return is_mine and self.undo_until is not None and now <= self.undo_until and self.to_state == self.visit.state


LastSteps = dict[int, HistoryStep | None]  # by visit


def history_of(visit: Visit) -> list[HistoryStep]:
    """Return every step of a visit and of its predecessors, oldest first."""
    chain, older = [visit], Visit.get_or_none(Visit.moved_to == visit)
    while older is not None:
        chain.append(older)
        older = Visit.get_or_none(Visit.moved_to == older)
    return [line for one in reversed(chain) for line in _lines([one], _steps_of.all(one.id))]


def last_steps(visits: Iterable[Visit], now: datetime, before: LastSteps | None = None) -> LastSteps:
    """Load the newest step of each visit that moved within RECENTLY; None where staff did not take it.

    A cache passes the steps of visits that have not moved as `before`: those are not queried.
    """
    moved = {visit.id: visit for visit in visits if visit.state_since > now - RECENTLY}
    kept = {key: line for key, line in (before or {}).items() if key in moved}
    fresh = [visit for key, visit in moved.items() if key not in kept]
    return kept | (dict.fromkeys(visit.id for visit in fresh) | _newest(fresh) if fresh else {})


def action_words() -> dict[str, str]:
    """Return the word for each action of staff, in the current language."""
    return {
        "next": _("Called"),
        "ring": _("Rung while absent"),
        "recall": _("Called again"),
        "emergency": _("Called as an emergency"),
        "skip": _("Put aside for later"),
        "end_call": _("Call ended"),
        "transfer": _("Sent to another doctor"),
        "not_held": _("Ended without a consultation"),
        "undo": _("Undone"),
    }


def line_words() -> dict[str, str]:
    """Return words for actions, and for states that no action of staff led to."""
    return state_words() | action_words()


@Prepared
def _steps_of(visit: object) -> peewee.Select:
    return _steps().where(Transition.visit == visit).order_by(Transition.id)


@Prepared
def _newest_of(visit: object) -> peewee.Select:
    return _steps().where(Transition.visit == visit).order_by(Transition.id.desc()).limit(1)


def _newest(visits: list[Visit]) -> LastSteps:
    """Query the newest step of each, if taken by staff. One visit is the common case: a prepared statement."""
    if len(visits) == 1:
        rows = _newest_of.all(visits[0].id)
    else:
        ids = [visit.id for visit in visits]
        newest = Transition.select(peewee.fn.MAX(Transition.id)).where(Transition.visit.in_(ids))
        rows = list(_steps().where(Transition.id.in_(newest.group_by(Transition.visit))))
    return {line.visit.id: line for line in _lines(visits, [row for row in rows if row.action])}


def _steps() -> peewee.Select:
    """Select transitions, each joined with the staff who took it, if any."""
    took = Transition.actor_uid == Staff.uid
    return Transition.select(Transition, Staff).join(Staff, peewee.JOIN.LEFT_OUTER, on=took, attr="staff")


def _lines(visits: list[Visit], rows: Iterable[Transition]) -> list[HistoryStep]:
    by_id = {visit.id: visit for visit in visits}
    undo_for = timedelta(seconds=QueueRules.in_force().undo_seconds)
    return [_line(row, by_id[row.visit_id], row.at + undo_for) for row in rows]


def _line(row: Transition, visit: Visit, undo_until: datetime) -> HistoryStep:
    until = undo_until if row.action and row.action != UNDO else None
    staff = getattr(row, "staff", None)
    return HistoryStep(
        row.id,
        row.at,
        visit,
        staff,
        row.actor_kind,
        row.action,
        row.to_state,
        row.reason,
        row.outcome,
        until,
    )

"""A visit's history in words, and what happened last in a session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.language import gettext as _
from portal.core.visits.models import Transition, Visit
from portal.core.visits.outcomes import reason_words
from portal.core.visits.states import UNDO
from portal.core.visits.words import state_words

RECENTLY = timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One step: when, who (None: not a member of staff), what, and why."""

    id: int
    at: datetime
    visit: Visit
    staff: Staff | None
    actor: str
    action: str
    to_state: str
    why: str
    undo_until: datetime | None = None

    def can_undo(self, staff_id: int, now: datetime) -> bool:
        """May this person take the step back now? The last word is undoing.undo's."""
        is_mine = self.staff is not None and self.staff.id == staff_id
        return is_mine and self.undo_until is not None and now <= self.undo_until and self.to_state == self.visit.state


Lines = dict[int, Line | None]  # by visit


def history_of(visit: Visit) -> list[Line]:
    """Every step of a visit and of the visits it continues, oldest first."""
    chain, older = [visit], Visit.get_or_none(Visit.moved_to == visit)
    while older is not None:
        chain.append(older)
        older = Visit.get_or_none(Visit.moved_to == older)
    return [line for one in reversed(chain) for line in _lines([one])]


def last_steps(visits: Iterable[Visit], now: datetime, before: Lines | None = None) -> Lines:
    """The newest line of each visit that moved a moment ago; None where staff did not do it.

    Whoever keeps them gives the visits that have not moved since as `before`: those are not read again.
    """
    moved = {visit.id: visit for visit in visits if visit.state_since > now - RECENTLY}
    kept = {key: line for key, line in (before or {}).items() if key in moved}
    fresh = [visit for key, visit in moved.items() if key not in kept]
    return kept | (dict.fromkeys(visit.id for visit in fresh) | _newest(fresh) if fresh else {})


def action_words() -> dict[str, str]:
    """The steps of staff, in the reader's language."""
    return {
        "next": _("Called"),
        "ring": _("Rung while absent"),
        "recall": _("Called again"),
        "emergency": _("Called as an emergency"),
        "skip": _("Set aside"),
        "end_call": _("Call ended"),
        "transfer": _("Sent to another doctor"),
        "not_held": _("Ended without a consultation"),
        "undo": _("Undone"),
    }


def line_words() -> dict[str, str]:
    """Words for actions, and for states where no member of staff acted."""
    return state_words() | action_words()


def _newest(visits: list[Visit]) -> Lines:
    """The newest line of each, where it is a step of staff."""
    ids = [visit.id for visit in visits]
    newest = Transition.select(peewee.fn.MAX(Transition.id)).where(Transition.visit.in_(ids)).group_by(Transition.visit)
    return {line.visit.id: line for line in _lines(visits, Transition.id.in_(newest) & (Transition.action != ""))}


def _lines(visits: list[Visit], which: peewee.Expression | None = None) -> list[Line]:
    by_id, why = {visit.id: visit for visit in visits}, reason_words()
    rows = (
        Transition.select(Transition, Staff)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=(Transition.actor_uid == Staff.uid), attr="staff")
        .where(Transition.visit.in_(list(by_id)) if which is None else which)
        .order_by(Transition.id)
    )
    undo_for = timedelta(seconds=settings.number("undo_seconds"))
    return [_line(row, by_id[row.visit_id], why, row.at + undo_for) for row in rows]


def _line(row: Transition, visit: Visit, why: dict[str, str], undo_until: datetime) -> Line:
    parts = [why.get(row.outcome, ""), "" if row.reason in why else row.reason]
    until = undo_until if row.action and row.action != UNDO else None
    staff = getattr(row, "staff", None)
    return Line(row.id, row.at, visit, staff, row.actor_kind, row.action, row.to_state,
                ": ".join(part for part in parts if part), until)  # fmt: skip

"""A visit's history in words, and what happened last in a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.core import settings
from portal.core.accounts.models import Staff
from portal.core.db import database
from portal.core.language import gettext as _
from portal.core.visits.models import ClinicSession, Transition, Visit
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


def history_of(visit: Visit) -> list[Line]:
    """Every step of a visit and of the visits it continues, oldest first."""
    chain, older = [visit], Visit.get_or_none(Visit.moved_to == visit)
    while older is not None:
        chain.append(older)
        older = Visit.get_or_none(Visit.moved_to == older)
    return [line for one in reversed(chain) for line in _lines([one])]


def last_steps(session: ClinicSession, visits: Mapping[int, Visit], now: datetime) -> list[Line]:
    """The newest step of each of these visits on which staff did something a moment ago, newest first."""
    acted = Transition.select(Transition.visit).join(Visit).where(Visit.session == session, Transition.action != "")
    recent = database.execute(acted.where(Transition.at > now - RECENTLY).distinct())
    moved = [visits[key] for (key,) in recent.fetchall() if key in visits]
    newest: dict[int, Line] = {line.visit.id: line for line in (_lines(moved) if moved else [])}
    done = (line for line in newest.values() if line.action)
    return sorted(done, key=lambda line: line.id, reverse=True)


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


def _lines(visits: list[Visit]) -> list[Line]:
    by_id, why = {visit.id: visit for visit in visits}, reason_words()
    rows = (
        Transition.select(Transition, Staff)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=(Transition.actor_uid == Staff.uid), attr="staff")
        .where(Transition.visit.in_(list(by_id)))
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

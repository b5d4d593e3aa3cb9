"""What becomes of sessions and of who waits there, once a roster is changed."""

from datetime import datetime

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.clinic.models import ClinicSession, bump
from portal.core.clinic.sessions import hours_by, quota_by
from portal.core.doctors.planning.deeds import EARLIER, NOBODY, SHUT
from portal.core.doctors.planning.effects import kinds_of, stays_served
from portal.core.rosters.book import Book
from portal.core.visits import announcements
from portal.core.visits.events import TokenCancelled
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import ACTIVE, AWAY, CANCELLED, OFF_DUTY, READY
from portal.core.visits.successors import CarryRule, carry_or_end_all
from portal.settings.clinic import QueueRules
from portal.work.audit import Actor

TOLD_MINUTES = "120"


def settle(session: ClinicSession, book: Book, after: Book, *, by: Actor, now: datetime) -> None:
    """Give a session its new hours and quota; send away who waits where nobody is left, or it is closed."""
    kinds = kinds_of(book, after, session.day)
    _set_hours(session, book, after, now)
    if SHUT in kinds and session.closed_at is None:
        close_session(session, by=by, now=now)
    elif NOBODY in kinds and not stays_served(session, after):
        _send_away(session, by=by, now=now)
    if EARLIER in kinds and session.has_come(now) and _has_waiting(session):
        announcements.announce("early", "", "", session.specialty, TOLD_MINUTES, by=by, now=now)


def close_session(session: ClinicSession, *, by: Actor, now: datetime) -> None:
    """Close a session: who waits is sent on, nobody is on duty. Raises Conflict while a patient is with a doctor."""
    if Visit.select().where((Visit.session == session) & Visit.state.in_(ACTIVE)).exists():
        raise Conflict(_("There is still a patient with a doctor. That visit must be completed first."))
    _send_away(session, by=by, now=now)
    Duty.update(state=OFF_DUTY, until=None, changed_at=now).where(Duty.session == session).execute()
    ClinicSession.update(closed_at=now).where(ClinicSession.id == session.id).execute()


def _set_hours(session: ClinicSession, book: Book, after: Book, now: datetime) -> None:
    """Write what differs: a quota that was set for this session by hand stays, unless the change is about it."""
    old, new = book.rule(session.day), after.rule(session.day)
    opens_again = new.is_open and not old.is_open and now < hours_by(new, session.day).closes_at
    if session.closed_at is not None and not opens_again:
        return
    changes: dict[str, object] = {}
    if hours_by(old, session.day) != hours_by(new, session.day):
        times = hours_by(new, session.day)
        changes |= {"opens_at": times.opens_at, "closes_at": times.closes_at}
    if quota_by(old) != quota_by(new):
        changes["quota"] = quota_by(new)
    if opens_again:
        changes["closed_at"] = None
    if changes:
        bump(session)
        ClinicSession.update(**changes).where(ClinicSession.id == session.id).execute()


def _send_away(session: ClinicSession, *, by: Actor, now: datetime) -> None:
    bump(session)
    rule = CarryRule(CANCELLED, TokenCancelled, AWAY, QueueRules.in_force().carries_on_leave)
    carry_or_end_all(session, rule, by=by, now=now)


def _has_waiting(session: ClinicSession) -> bool:
    return bool(Visit.select().where((Visit.session == session) & Visit.state.in_(READY)).exists())

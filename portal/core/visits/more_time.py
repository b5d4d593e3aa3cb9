"""Longer to answer a call: whoever needs it may lengthen the countdown, once a call (WCAG 2.2.1)."""

from datetime import datetime, timedelta

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.visits.models import Visit
from portal.core.visits.services import bump
from portal.core.visits.states import CALLED
from portal.store import settings
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record


def may_ask(visit: Visit, call_seconds: int, more_seconds: int, now: datetime) -> bool:
    """Is a call waiting that has not been lengthened yet? Its deadline says so."""
    if visit.state != CALLED or not more_seconds or visit.call_deadline <= now:
        return False
    return bool(visit.call_deadline <= visit.state_since + timedelta(seconds=call_seconds))


def give(visit: Visit, *, by: Actor, now: datetime) -> None:
    """Move the deadline of this call. Raises Conflict when there is no call, or it has been moved already."""
    before, more = visit.call_deadline, settings.number("more_time_seconds")
    if not may_ask(visit, settings.number("call_seconds"), more, now):
        raise Conflict(_("This call can no longer be given more time."))
    until = before + timedelta(seconds=more)
    same_call = (Visit.id == visit.id) & (Visit.state == CALLED) & (Visit.call_deadline == before)
    with write():
        bump(visit.session)
        if not claim(Visit.update(call_deadline=until).where(same_call)):
            raise Conflict(_("This call can no longer be given more time."))
        record("CallExtended", visit.uid, by=by, now=now, attempt=visit.attempt, deadline=until.isoformat())
    visit.call_deadline = until

"""Whom the doctor calls at this moment, for the bar on every page of the desk that helps."""

from datetime import datetime

from portal.core.accounts.models import Staff
from portal.core.desk.tokens import helped_today
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, OPEN


def ringing_for(desk: Staff, now: datetime) -> list[Visit] | None:
    """List whom the doctor calls at this moment with this desk's help; None when the desk helps nobody who waits."""
    waiting = [visit for visit in helped_today(desk, now) if visit.state in OPEN]
    called = [visit for visit in waiting if visit.state == CALLED and visit.call_deadline > now]
    return called if waiting else None

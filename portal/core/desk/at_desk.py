"""The calls of a moment at a desk: whom the doctor calls with its help, and in which call it sits."""

from dataclasses import dataclass
from datetime import datetime

from portal.core.calls.helping import calls_helped_by
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, IN_CALL, OPEN


@dataclass(frozen=True)
class AtDesk:
    """Whom the doctor calls now, and the calls in which this member of the desk sits with the patient."""

    ringing: list[Visit]
    joined: list[Visit]


def calls_among(helped: list[Visit], desk_uid: str, now: datetime) -> AtDesk | None:
    """Return the calls among the visits with which a desk helps today; None when none of them waits."""
    waiting = [visit for visit in helped if visit.state in OPEN]
    called = [visit for visit in waiting if visit.state == CALLED and visit.call_deadline > now]
    return AtDesk(called, calls_helped_by(desk_uid, IN_CALL)) if waiting else None

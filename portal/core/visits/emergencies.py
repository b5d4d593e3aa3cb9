"""An emergency: the doctor calls a certain patient out of turn, with a reason that stays on the record.

It is the one named exception to the order (safety.md Q16 to Q18): everybody else keeps the place, is overtaken once
for each emergency and never by two emergencies of one patient in a row unless the doctor says so again, and there are
at most so many in a session. A call that nobody answers costs the patient nothing: it came out of turn.
"""

from datetime import datetime

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.visits import calling
from portal.core.visits.models import ClinicSession, Transition, Visit
from portal.core.visits.queue_order import taken_back
from portal.core.visits.services import REASON_LIMIT, stale
from portal.core.visits.states import EMERGENCY, READY
from portal.store import settings
from portal.store.db import write
from portal.work.audit import Actor

SHORTEST_REASON = 10


def call_emergency(visit: Visit, doctor: Staff, *, reason: str, by: Actor, now: datetime) -> None:
    """Call this patient now. Raises Invalid without a proper reason, Conflict when off duty, busy, or too often."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= REASON_LIMIT:
        raise Invalid(
            {"reason": _("Say why in %(low)s to %(high)s characters.", low=SHORTEST_REASON, high=REASON_LIMIT)}
        )
    with write():
        calling.lock(visit.session)
        calling.require_free(doctor, visit.session)
        if visit.state not in READY:
            raise Conflict(stale())
        if called_out_of_turn(visit.session) >= settings.number("emergencies_per_session"):
            raise Conflict(
                _("No more emergency calls in this session: the limit is reached. Call the helpline of the clinic.")
            )
        calling.ring(visit, doctor, EMERGENCY, reason=reason, by=by, now=now)


def called_out_of_turn(session: ClinicSession) -> int:
    """How many emergencies a session has had, without those that were taken back."""
    calls = Transition.select().join(Visit, on=Transition.visit)
    mine = (Visit.session == session) & (Transition.action == EMERGENCY)
    return int(calls.where(mine & Transition.id.not_in(taken_back(session))).count())

"""Steps of an indent: ready, collected, withdrawn; each by compare-and-set, as two people may press at once."""

from datetime import datetime

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.clinic.models import Centre
from portal.core.dispensing.events import IndentEnded, IndentReady
from portal.core.dispensing.models import COLLECTED, INDENTED, OPEN, READY, WITHDRAWN, Dispensing, Indent
from portal.core.prescribing import reasons
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record


def make_ready(uid: str, centre: Centre, *, by: Actor, now: datetime) -> Indent:
    """Note that the medicine has arrived; the patient gets an SMS. Raises NotFound at another centre, Conflict."""
    row = of_centre(uid, centre)
    with write():
        still = (Indent.id == row.id) & (Indent.state == INDENTED) & (Indent.until >= clinic_day(now))
        if not claim(Indent.update(state=READY, ready_at=now).where(still)):
            raise Conflict(_("This indent has changed meanwhile. The page now shows it as it is."))
        record(IndentReady(visit=row.prescription.visit.uid, number=row.number), row.uid, by=by, now=now)
    return row


def withdraw(uid: str, centre: Centre, reason: str, *, by: Actor, now: datetime) -> Indent:
    """Take an open indent back, so that its quantity can be given again.

    Raises NotFound at another centre, Invalid without a reason, Conflict when it is over.
    """
    row, because = of_centre(uid, centre), reasons.read(reason)
    with write():
        if not end(row, WITHDRAWN, by=by, now=now, reason=because):
            raise Conflict(_("This indent has changed meanwhile. The page now shows it as it is."))
    return row


def collect(uid: str, handed: Dispensing, *, by: Actor, now: datetime) -> Indent:
    """Count an indent as collected by this dispensing, in its transaction. Raises Conflict when it is not there."""
    mine = (Indent.uid == uid) & (Indent.prescription == handed.prescription_id) & (Indent.centre == handed.centre_id)
    row: Indent | None = Indent.get_or_none(mine)
    if row is not None and row.state == READY and clinic_day(now) > row.until:
        raise Conflict(_("This indent could be collected until %(day)s.", day=show_date(row.until)))
    if row is None or row.state != READY or not end(row, COLLECTED, by=by, now=now, dispensing=handed):
        raise Conflict(_("This indent cannot be collected now; nothing was written down."))
    return row


def end(
    row: Indent, state: str, *, by: Actor, now: datetime, reason: str = "", dispensing: Dispensing | None = None
) -> bool:
    """End an open indent. Returns whether this call did it."""
    change = Indent.update(state=state, ended_at=now, reason=reason, dispensing=dispensing)
    if not claim(change.where((Indent.id == row.id) & Indent.state.in_(OPEN))):
        return False
    record(IndentEnded(visit=row.prescription.visit.uid, number=row.number, state=state), row.uid, by=by, now=now)
    return True


def of_centre(uid: str, centre: Centre) -> Indent:
    """Find an indent of this centre. Raises NotFound."""
    found: Indent | None = Indent.get_or_none((Indent.uid == uid) & (Indent.centre == centre))
    if found is None:
        raise NotFound
    return found

"""Visits without a consultation: the reason is a code of REASONS, stored with the transition."""

from datetime import datetime
from functools import partial

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.visits.events import VisitNotHeld
from portal.core.visits.models import Visit
from portal.core.visits.services import REASON_LIMIT, Step, move
from portal.core.visits.states import NO_SHOW, NOT_HELD, OTHER, REASONS
from portal.work.audit import Actor


def end_unheld(visit: Visit, *, reason: str, note: str, by: Actor, now: datetime) -> None:
    """End a visit without a consultation; the referral is not used.

    Raises Invalid without a reason, or without a note for "other"; Conflict when a prescription was issued.
    """
    note = " ".join(note.split())
    if reason not in REASONS:
        raise Invalid({"reason": _("Choose why the consultation did not happen.")})
    if (reason == OTHER and not note) or len(note) > REASON_LIMIT:
        raise Invalid({"note": _("Say the reason in a few words, at most %(limit)s characters.", limit=REASON_LIMIT)})
    refuse_when_issued(visit)
    move(
        visit,
        NO_SHOW,
        by=by,
        role="doctor",
        now=now,
        event=partial(VisitNotHeld, outcome=reason),
        reason=note,
        step=Step(NOT_HELD, outcome=reason),
    )


def refuse_when_issued(visit: Visit) -> None:
    """Raise Conflict when a prescription was issued: then there was a consultation."""
    if Visit.select().where((Visit.id == visit.id) & Visit.issued_at.is_null(False)).exists():
        raise Conflict(_("The prescription of this visit is issued. Complete the visit instead."))

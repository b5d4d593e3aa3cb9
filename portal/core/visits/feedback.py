"""A patient's feedback on a visit: one answer, changeable for a day. No doctor sees who gave it."""

from datetime import datetime, timedelta

from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.visits.events import FeedbackGiven
from portal.core.visits.models import Feedback, Visit
from portal.core.visits.states import COMPLETED
from portal.store.db import write
from portal.work.audit import Actor
from portal.work.events import record

RATINGS = ("good", "ok", "bad")
TEXT_LIMIT = 500
CHANGEABLE = timedelta(days=1)


def words() -> dict[str, str]:
    """Return the ratings by code, in the current language."""
    return {"good": _("Good"), "ok": _("So-so"), "bad": _("Bad")}


def of(visit: Visit) -> Feedback | None:
    """Return the feedback on a visit, or None."""
    if visit.state != COMPLETED:
        return None
    found: Feedback | None = Feedback.get_or_none(Feedback.visit == visit)
    return found


def may_give(visit: Visit, now: datetime) -> bool:
    """Can feedback be given or changed: visit complete, and none given or within a day?"""
    if visit.state != COMPLETED:
        return False
    said = of(visit)
    return said is None or now < said.at + CHANGEABLE


def give(visit: Visit, rating: str, text: str, *, by: Actor, now: datetime) -> None:
    """Give or change feedback. Raises Invalid with every wrong field, Conflict when not complete or too late."""
    text = text.strip()
    problems = {} if rating in RATINGS else {"rating": _("Choose one of the three.")}
    if len(text) > TEXT_LIMIT:
        problems["text"] = _("Write at most %(limit)s characters.", limit=TEXT_LIMIT)
    if problems:
        raise Invalid(problems)
    with write():
        if not may_give(visit, now):
            raise Conflict(_("Feedback can be given when the visit is complete, and changed for one day."))
        said = {"rating": rating, "text": text, "noted_at": None}  # what is changed is read again
        if not Feedback.update(**said).where(Feedback.visit == visit).execute():
            Feedback.create(visit=visit, at=now, **said)
        record(FeedbackGiven(), visit.uid, by=by, now=now)

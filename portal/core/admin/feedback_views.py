"""The administrator's page of feedback."""

from datetime import datetime

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.language import in_language
from portal.core.admin import bp, feedback
from portal.core.clinic.models import Specialty
from portal.core.visits.feedback import words
from portal.web.access import actor, allow
from portal.web.pages import page, page_number, see_other


@bp.get("/admin/feedback")
@allow("admin")
def feedback_page() -> ResponseReturnValue:
    """Show what patients said: figures by specialty, and the words, without who said it."""
    given, moment = request.args, now()
    days = given.get("days", feedback.SPANS[1], type=int)
    since = feedback.since_of(days, clinic_day(moment))
    wish = feedback.Wish(since, given.get("specialty", ""), given.get("rating", ""), given.get("words") == "yes")
    whole, by_specialty = feedback.tallies(since)
    return page(
        "admin/feedback.html",
        wish=wish,
        days=days if days in feedback.SPANS else feedback.SPANS[1],
        spans=feedback.SPANS,
        ratings=words(),
        specialties=[(row.code, in_language(row)) for row in Specialty.select().order_by(Specialty.id)],
        whole=whole,
        by_specialty=by_specialty,
        listed=feedback.said(wish, page_number()),
        unread=feedback.unread(),
        moment=moment.isoformat(),
    )


@bp.post("/admin/feedback")
@allow("admin")
def feedback_noted() -> ResponseReturnValue:
    """Note as read what the page showed."""
    shown = request.form.get("shown", "")
    try:
        newest = min(datetime.fromisoformat(shown), now())
    except (TypeError, ValueError):  # also a moment without an offset
        newest = now()
    feedback.note_read(newest, by=actor(), now=now())
    return see_other(url_for("admin.feedback_page"))

"""The administrator's pages of the register: list, one person, CSV."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, ist, now
from portal.core.register import lists, reports
from portal.web.access import actor, allow
from portal.web.files import streamed_csv
from portal.web.pages import page
from portal.work import audit

bp = Blueprint("register", __name__)
LONGEST = 60


@bp.get("/admin/beneficiaries")
@allow("admin")
def people() -> ResponseReturnValue:
    """List the register, or who matches a search (audited)."""
    wish = _wish()
    shown = lists.found(wish, request.args.get("after", "")[:10])
    if wish.text:
        audit.note("RegisterSearched", "register", by=actor(), now=now(), found=len(shown.rows))
    return page(
        "register/people.html",
        wish=wish,
        shown=shown,
        centres=list(reports.centre_words().items()),
        today=clinic_day(now()),
        longest=LONGEST,
    )


@bp.get("/admin/beneficiaries.csv")
@allow("admin")
def export() -> Response:
    """Download the list as CSV; the export is audited."""
    wish = _wish()
    audit.note("RegisterExported", "register", by=actor(), now=now(), centre=wish.centre, searched=bool(wish.text))
    return streamed_csv(lists.exported(wish), f"register-{ist(now()):%Y%m%d-%H%M}.csv")


@bp.get("/admin/beneficiaries/<int:row>")
@allow("admin")
def person(row: int) -> ResponseReturnValue:
    """Show what the register holds of one person (audited); nothing of any visit."""
    entry = lists.entry_of(row)
    audit.note("RegisterRead", entry.ben_id, by=actor(), now=now())
    return page(
        "register/person.html",
        entry=entry,
        person=lists.registered_as(entry),
        history=reports.history_of(entry),
        today=clinic_day(now()),
    )


def _wish() -> lists.Wish:
    return lists.Wish(request.args.get("q", "").strip()[:LONGEST], request.args.get("centre", "")[:10])

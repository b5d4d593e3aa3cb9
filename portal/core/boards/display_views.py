"""A hall's display, and the administrator's page that creates and revokes displays."""

from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import in_language
from portal.core.boards import displays
from portal.core.boards.displays import Halls, Reads
from portal.core.clinic.models import Centre, Specialty
from portal.core.visits.models import Display
from portal.store.versions import etag_of
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("displays", __name__)
POLL_SECONDS = 2


@bp.get("/display/<key>")
@allow("anyone")
def show(key: str) -> ResponseReturnValue:
    """Show the display; its polls are mostly answered by the live layer."""
    row, moment = displays.find(key), now()
    context = display_context(row, displays.halls(moment), partial(displays.waiting_for, now=moment), moment)
    answer = page("visits/display.html", "live", display=row, now=moment, **context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/admin/displays")
@allow("admin")
def index() -> ResponseReturnValue:
    """List all displays, with the form for one more."""
    return _page(200, {})


@bp.post("/admin/displays")
@allow("admin")
def make() -> ResponseReturnValue:
    """Create a display. No redirect: its address is shown in this answer only."""
    form = request.form
    wanted = list(Specialty.select().where(Specialty.code.in_(form.getlist("specialties"))))
    centre = Centre.get_or_none(Centre.code == form.get("centre", ""))
    speaks = form.get("speaks") == "yes"
    try:
        key = displays.make(form.get("place", ""), centre, wanted, speaks=speaks, by=actor(), now=now())
    except Invalid as error:
        return _page(error.status, error.fields)
    return _page(200, {}, made=url_for("visits.displays.show", key=key, _external=True))


@bp.post("/admin/displays/<uid>/revoke")
@allow("admin")
def revoke(uid: str) -> ResponseReturnValue:
    """Revoke a display's address."""
    displays.revoke(uid, by=actor(), now=now())
    return see_other(url_for("visits.displays.index"))


def display_context(row: Display, halls: Halls, waiting_for: Reads, now: datetime) -> dict[str, Any]:
    """Build the context of a display's live block."""
    specialties = displays.shown_on(row, halls.specialties)
    lines = [displays.line_of(specialty, waiting_for(specialty), now) for specialty in specialties]
    keys = {None, *(specialty.id for specialty in specialties)}
    said = displays.said([note for note in halls.said if note.specialty_id in keys], specialties, now)
    etag = etag_of((lines, said))
    return {"lines": lines, "said": said, "words": displays.words(), "interval": POLL_SECONDS, "etag": etag}


def _page(status: int, errors: dict[str, str], made: str = "") -> ResponseReturnValue:
    specialties = list(Specialty.select().where(Specialty.active).order_by(Specialty.id))
    centres = Centre.select().where(Centre.active).order_by(Centre.code)
    rows = Display.select(Display, Centre).left_outer_join(Centre).order_by(Display.id.desc())
    return page(
        "visits/displays.html",
        status=status,
        errors=errors,
        made=made,
        form=MultiDict() if made else request.form,
        specialties=[(row.code, in_language(row)) for row in specialties],
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in centres],
        rows=list(rows),
        names={row.code: in_language(row) for row in specialties},
    )

"""Dead letters: events given up after many retries, the listeners that failed, and retrying them."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.core.admin import bp
from portal.web.access import actor, allow
from portal.web.pages import page, see_other
from portal.work import events
from portal.work.events import Event

SHOWN = 100


@bp.get("/admin/events")
@allow("admin")
def dead_letters() -> ResponseReturnValue:
    """List the newest dead letters."""
    rows = [(event, events.failures(event)) for event in events.dead().limit(SHOWN)]
    return page("admin/events.html", "letters", rows=rows, total=events.dead().count())


@bp.post("/admin/events/<uid>")
@allow("admin")
def retry_event(uid: str) -> ResponseReturnValue:
    """Retry one event."""
    event = Event.get_or_none(Event.uid == uid)
    if event is None:
        raise NotFound
    if events.try_again(event, by=actor(), now=now()):
        flash(_("It is on its way again."), "success")
    return see_other(url_for("admin.dead_letters"))


@bp.post("/admin/events")
@allow("admin")
def retry_events() -> ResponseReturnValue:
    """Retry all dead letters."""
    count = events.try_all_again(by=actor(), now=now())
    flash(_("On their way again: %(count)s", count=count), "success")
    return see_other(url_for("admin.dead_letters"))

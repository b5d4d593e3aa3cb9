"""The administrator's pages: state of the bridge, decisions, LGD table, report."""

from datetime import date

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.api import plugin
from portal.api.base import Invalid, NotFound, TooBig, date_or_none
from portal.api.base import gettext as _
from portal.api.clock import clinic_day, now
from portal.api.web import actor, allow, page, page_number, see_other, takes_files

from . import handovers, inbox, outbox, overview, places, words
from .fhir import updates
from .models import Incoming, Outgoing, Place
from .settings import NAME, Settings
from .views import bp

DEEDS = {"again": inbox.settle_again, "close": inbox.close, "prefer": inbox.prefer}


@bp.get("/")
@allow("admin")
def index() -> ResponseReturnValue:
    """Show the backlog, the last success, errors and open decisions."""
    return _page({}, 200)


@bp.post("/outgoing/<uid>/again")
@allow("admin")
def again(uid: str) -> ResponseReturnValue:
    """Retry a refused document."""
    row = Outgoing.get_or_none(Outgoing.uid == uid)
    if row is None:
        raise NotFound
    outbox.queue_again(row, by=actor(), now=now())
    flash(_("The document is on the list again."), "success")
    return see_other(url_for("esanjeevani_bridge.index"))


@bp.post("/incoming/<uid>/<deed>")
@allow("admin")
def decide(uid: str, deed: str) -> ResponseReturnValue:
    """Retry an update, close it, or prefer it to the conflicting one."""
    row = Incoming.get_or_none(Incoming.uid == uid)
    if row is None or deed not in DEEDS:
        raise NotFound
    DEEDS[deed](row, by=actor(), now=now())
    return see_other(url_for("esanjeevani_bridge.index"))


@bp.post("/places")
@takes_files
@allow("admin")
def upload_places() -> ResponseReturnValue:
    """Import the LGD table from CSV."""
    upload = request.files.get("file")
    try:
        content = upload.read(places.MOST_BYTES + 1) if upload else b""
        if len(content) > places.MOST_BYTES:
            raise TooBig
        count = places.import_places(content, by=actor(), now=now())
    except Invalid as error:
        return _page(error.fields, 422)
    flash(_("%(count)s places were brought in.", count=count), "success")
    return see_other(url_for("esanjeevani_bridge.index"))


@bp.get("/report")
@allow("admin")
def report() -> ResponseReturnValue:
    """Report hand-overs by person, for a range of days."""
    today = clinic_day(now())
    since, until = _day("since", today.replace(day=1)), _day("until", today)
    rows = handovers.report(since, until) if since <= until else []
    return page("esanjeevani_bridge/report.html", since=since, until=until, rows=rows)


def _page(errors: dict[str, str], status: int) -> ResponseReturnValue:
    incoming = overview.undecided(page_number("updates"))
    return page(
        "esanjeevani_bridge/index.html",
        status=status,
        errors=errors,
        now=overview.overview(),
        outgoing=overview.troubled(page_number("documents")),
        incoming=incoming,
        readable={row.uid for row in incoming.rows if not updates.problems(row.payload)},
        settings=plugin.settings(NAME, Settings),
        places=Place.select().count(),
        in_words=_,
        kinds=words.kinds(),
        states=words.states(),
        chips=words.chips(),
    )


def _day(name: str, default: date) -> date:
    return date_or_none(request.args.get(name, "")) or default

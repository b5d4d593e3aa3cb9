"""Responses to a doctor's page whose patient is no longer with this doctor."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.calls import call_log_page
from portal.core.consults import comparing, panels, services, words
from portal.core.prescribing import notes
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import ACTIVE, READY, SILENT
from portal.plugin_host.registry import registry
from portal.web.access import actor
from portal.web.pages import is_fragment_request, page, see_other, wants_json

BEAT_SECONDS = 5
View = Callable[..., ResponseReturnValue]


def rung_out(board: str) -> ResponseReturnValue:
    """Answer the page of a call that timed out; 404 as for any visit that is not this doctor's."""
    flash(
        _("The call is over: nobody answered, or the patient gave up the place. The board shows who comes next."),
        "info",
    )
    answer = see_other(board)
    answer.status_code = 404
    return answer


def ended(uid: str, moment: datetime) -> ResponseReturnValue:
    """Answer a poll of a page whose visit another window has ended; one ended elsewhere gets 404, and asks no more."""
    try:
        services.written(doctor(), uid, by=actor(), now=moment)
    except NotFound:
        return page("consults/_ended.html", status=NotFound.status, part=request.args["part"])
    return see_other(url_for("consults.show", uid=uid))


def gone_back(visit: Visit, board: str) -> ResponseReturnValue:
    """Answer a page whose presence had expired: what is typed there stays, and the patient can be called again."""
    if not is_fragment_request():
        flash(lost_words(visit), "warn")
        return see_other(board)
    if request.args.get("part") != "call" or request.args.get("seen") == f"lost-{visit.state}":
        return "", 204
    return page("consults/_lost.html", visit=visit, beat=BEAT_SECONDS, lost_words=lost_words)


def read_only(visit: Visit) -> ResponseReturnValue:
    """Show a finished visit to the author of its notes."""
    consult = services.consult_of(visit)
    if consult is None:
        raise NotFound
    return page(
        "consults/read.html",
        visit=visit,
        notes=services.as_notes(consult),
        consult=consult,
        calls=call_log_page.panel_of(registry(), visit, now()),
        **panels.of(visit, "issued"),
    )


def lost_words(visit: Visit) -> str:
    """Say what became of a patient who is no longer with this doctor: silent page, skipped, no answer."""
    ways = Transition.select().where((Transition.visit == visit) & Transition.to_state.in_(READY))
    last = ways.order_by(Transition.id.desc()).first()
    if last is None or last.reason != SILENT:
        if visit.state in ACTIVE:
            return _("Another doctor has %(token)s now.", token=visit.token)
        return _("%(token)s is back at the old place in line. Call again from the board.", token=visit.token)
    if visit.state in ACTIVE:
        return _("Another doctor has %(token)s now: your page was silent for some minutes.", token=visit.token)
    return _(
        "Your page was silent for some minutes, so %(token)s went back to the old place in line. "
        "The patient knows, and nothing that was saved is lost.",
        token=visit.token,
    )


def shows_what_was_typed(view: View) -> View:
    """Show the typed text with a conflict, for a whole form without htmx (a stale window, no JavaScript)."""

    @wraps(view)
    def wrapped(**arguments: Any) -> ResponseReturnValue:
        try:
            return view(**arguments)
        except Conflict as error:
            if is_fragment_request() or wants_json() or "diagnosis" not in request.form:
                raise
            return page("consults/not_saved.html", status=error.status, refusal=error.message, texts=_typed())

    return wrapped


def _typed() -> list[tuple[str, str]]:
    """List label and text of every filled-in field, and each medicine in one line."""
    typed = notes.read(request.form, today=clinic_day(now()))
    fields, labels = notes.as_form(typed), words.fields()
    apart = words.values()  # choices and ticks
    texts = [(label, fields[name]) for name, label in labels.items() if fields.get(name) and name not in apart]
    rows = [(words.medicine(item.place), comparing.in_words(item, typed)) for item in typed.items]
    return texts + rows

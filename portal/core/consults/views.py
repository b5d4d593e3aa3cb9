"""The doctor's consult page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Gone, Invalid, NotFound
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.calls import call_log, call_log_page, modes, rooms
from portal.core.calls.call_log_page import Panel
from portal.core.calls.modes import PHONE
from portal.core.calls.rooms import Call
from portal.core.chart import strip
from portal.core.consults import checking, earlier, editions, gone_views, panels, services, words
from portal.core.consults.diagnoses import suggestions
from portal.core.consults.summary import summary_of
from portal.core.formulary import search, ways
from portal.core.prescribing import notes
from portal.core.prescribing.doses import FREQUENCIES, in_words
from portal.core.prescribing.judging import Judgement, Question
from portal.core.visits import attendance
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, IN_CALL
from portal.plugin_host.registry import registry
from portal.settings.clinic import QueueRules
from portal.store.prepared import read_once
from portal.store.versions import Changed
from portal.web.access import actor, allow
from portal.web.forms.changed import typed_form
from portal.web.pages import is_fragment_request, page

bp = Blueprint("consults", __name__)
BEAT_WHILE_CALLING = 2
BEAT_SECONDS = 15


@bp.get("/visits/<uid>/consult")
@allow("doctor")
def show(uid: str) -> ResponseReturnValue:
    """Show the visit this doctor has now; a finished one read-only to the author of its notes."""
    moment = now()
    try:
        visit = services.treating(doctor(), uid)
    except NotFound:
        if is_fragment_request() and request.args.get("seen", "").startswith(CALLED):
            return gone_views.rung_out(url_for("visits.board.show"))
        if (back := services.gone_back(doctor(), uid)) is not None:
            return gone_views.gone_back(back, url_for("visits.board.show"))
        if is_fragment_request() and "part" in request.args:
            return gone_views.ended(uid, moment)
        written = services.written(doctor(), uid, by=actor(), now=moment)
        if editions.amended_by(doctor().id, uid) is not None:
            return consult_page(written, form=request.form or None)
        return gone_views.read_only(written)
    if request.args.get("part") == "call":
        return _beat(visit, moment)
    if request.args.get("part") == "log":
        return _log(visit, moment)
    attendance.renew_lease(doctor(), moment, polled=False)
    return consult_page(visit, form=request.form or None)  # kept when the sign-in expired


@bp.post("/visits/<uid>/consult")
@allow("doctor")
@gone_views.shows_what_was_typed
def save(uid: str) -> ResponseReturnValue:
    """Save the draft; "Add another medicine" only shows one more row."""
    visit = require_treating(uid)
    if "add" in request.form:
        return consult_page(visit, form=request.form, blank=2)
    try:
        save_posted(visit)
    except Invalid as error:
        return consult_page(visit, form=request.form, errors=error.fields, status=error.status)
    except Changed as error:
        if _is_autosave() and "pressed" not in request.form:  # nothing moves while somebody types
            return _saved_line(visit, refusal=str(error), status=error.status)
        return two_texts(visit, error)
    except Conflict as error:
        if not _is_autosave():
            raise
        return _saved_line(visit, refusal=str(error), status=error.status)
    return _saved_line(visit) if _is_autosave() else back_to(uid)


def save_posted(visit: Visit) -> None:
    """Save the notes of the posted form. Raises Changed when the window is stale."""
    moment, form = now(), typed_form()
    wanted = notes.read(form, today=clinic_day(moment))
    services.save_notes(visit, doctor(), wanted, seen=form.get("version", ""), by=actor(), now=moment)


def save_ticks(visit: Visit) -> None:
    """Save that name and age were confirmed, from a form that has nothing else."""
    form = typed_form()
    name, age = (form.get(tick) == "yes" for tick in ("identity", "age"))
    if name or age or "version" in form:
        seen = form.get("version") or services.version_of(visit)
        stored = services.notes_of(visit, doctor())
        wanted = replace(stored, mode=None, identity=stored.identity or name, age=stored.age or age)
        services.save_notes(visit, doctor(), wanted, seen=seen, by=actor(), now=now())


def require_treating(uid: str) -> Visit:
    """Get the visit for a change: Conflict for the author of closed notes, NotFound for anybody else."""
    try:
        return services.writing(doctor(), uid)
    except NotFound:
        if services.gone_back(doctor(), uid) is not None:
            raise Conflict(
                _("This patient is not with you just now. What you typed stays on this page; call again, then save it.")
            ) from None
        services.written(doctor(), uid, by=actor(), now=now())
        raise Conflict(_("This visit is over; its notes can no longer be changed.")) from None


@read_once()
def consult_page(
    visit: Visit,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    blank: int = 1,
    status: int = 200,
    changed: Changed | None = None,
    asked: Question | None = None,
) -> Response:
    """Build the whole page; for htmx the notes alone. Invalid input is marked, `errors` or not.

    `asked`: what the rules ask before "Issue".
    """
    moment = now()
    written = services.notes_of(visit, doctor())
    judged = services.judged(visit, doctor(), written)
    shown = notes.as_form(written) if form is None else form
    marks = dict(errors or {})
    if form is None or not errors:
        marks = _marks(shown, judged if form is None else services.judged_form(visit, doctor(), form, moment)) | marks
    context: dict[str, Any] = panels.of(visit, "issued") | {
        "visit": visit,
        "draft": editions.draft_of(visit),
        "refused": words.summary(errors or {}),
        "errors": marks,
        "form": shown,
        "notes": written,
        "last": earlier.last_of(visit),
        "rows": notes.row_numbers(shown, blank=blank),
        "version": (form or {}).get("version") or services.version_of(visit),
        "saved": services.saved_at(visit),
        "strengths_of": search.in_force().strengths_of,
        "outside": judged.outside_lists,
        "judged_before": judged.judged_before,
        "changed": changed,
        "asked": asked,
        "autosave": False,
        "refusal": "",
    }
    context |= words.choices(clinic_day(moment)) | checking.shown(visit, shown, moment)
    if changed:
        context |= {"labels": words.labels(changed), "words": words.values()}
    if not is_fragment_request():
        context |= _surroundings(visit, moment)
    return page("consults/consult.html", "notes", status=status, **context)


def ask_code(uid: str, errors: Mapping[str, str]) -> Response:
    """422: the notes as typed, and the error of the second factor. Nothing is saved."""
    visit, form = require_treating(uid), request.form
    marks = _marks(form, services.judged_form(visit, doctor(), form, now())) | dict(errors)
    return consult_page(visit, form=form, errors=marks, status=Invalid.status)


def two_texts(visit: Visit, error: Changed) -> Response:
    """409: the notes as another window saved them, beside what was typed here."""
    answer = consult_page(visit, changed=error, status=error.status)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#notes", "outerHTML"
    return answer


def back_to(uid: str) -> Response:
    """Redirect to the consult page by a plain 303, for htmx too: it fetches the notes alone and the call is
    undisturbed.
    """
    return make_response(redirect(url_for("consults.show", uid=uid), 303))


@bp.post("/visits/<uid>/mode")
@allow("doctor")
def change_mode(uid: str) -> ResponseReturnValue:
    """Switch to telephone, with the number shown, or back to video."""
    moment, visit = now(), services.treating(doctor(), uid)
    services.switch(visit, request.form.get("mode", ""), by=actor(), now=moment)
    if not is_fragment_request():
        return back_to(uid)
    response = make_response(_log(visit, moment))
    response.headers["HX-Trigger"] = '{"call-changed": {"target": "body"}}'
    return response


def _beat(visit: Visit, moment: datetime) -> ResponseReturnValue:
    """Answer a poll of the open page: renews the doctor's lease on the visit, and tells when the patient has joined."""
    attendance.renew_lease(doctor(), moment)
    if request.args.get("seen") == _seen(visit):
        return "", 204
    return page("consults/consult.html", "call", visit=visit, **_call_context(visit, moment))


def _log(visit: Visit, moment: datetime) -> ResponseReturnValue:
    """Answer a poll with the call log when it changed, and with it the mode for the notes."""
    calls = _calls(visit, moment)
    if request.args.get("seen") == calls.seen:
        return "", 204
    return page(
        "consults/_log_answer.html",
        visit=visit,
        calls=calls,
        form={"mode": calls.mode},
        errors=None,
        mode_words=modes.names(),
        swap_out_of_band=True,
    )


def _calls(visit: Visit, moment: datetime) -> Panel:
    return call_log_page.panel_of(registry(), visit, moment, told=services.notes_of(visit, doctor()).mode or "")


def _surroundings(visit: Visit, moment: datetime) -> dict[str, Any]:
    """Return what stays while the notes are saved: the call, the patient, the suggestions."""
    shown = _call_context(visit, moment) | strip.shown(strip.strip_of(visit, doctor(), by=actor(), now=moment))
    return shown | {
        "calls": _calls(visit, moment),
        "summary": summary_of(visit, now=moment),
        "has_panels": bool(registry().implementations("visit_panel")),
        "gender_words": {"male": _("Male"), "female": _("Female"), "other": _("Other")},
        "forms": ways.USUAL_FORMS,
        "diagnoses": suggestions(current()),
        "frequencies": [(code, in_words(code, current())) for code in FREQUENCIES],
    }


def _call_context(visit: Visit, moment: datetime) -> dict[str, Any]:
    return {
        "call": _call_or_none(visit, moment) if visit.state == IN_CALL else None,
        "call_seconds": QueueRules.in_force().call_seconds,
        "now": moment,
        "seen": _seen(visit),
        "beat": BEAT_WHILE_CALLING if visit.state == CALLED else BEAT_SECONDS,
        "actions": rooms.actions_of(registry(), visit, "doctor"),
    }


def _call_or_none(visit: Visit, moment: datetime) -> Call | None:
    """Join the call, if its room is open: the notes are open anyway."""
    try:
        return rooms.enter_as_doctor(
            registry(), visit, doctor(), name=in_language(doctor()), language=current(), by=actor(), now=moment
        )
    except Gone:
        return None


def _saved_line(visit: Visit, *, refusal: str = "", status: int = 200) -> Response:
    """Answer an autosave: the new version, or why it was refused."""
    version = request.form.get("version", "") if refusal else services.version_of(visit)
    judged = services.judged(visit, doctor()) if refusal else services.judged_form(visit, doctor(), request.form, now())
    return page(
        "consults/consult.html",
        "saved",
        "outside",
        status=status,
        refusal=refusal,
        version=version,
        errors={} if refusal else _marks(request.form, judged),
        saved=services.saved_at(visit),
        outside=judged.outside_lists,
        judged_before=judged.judged_before,
        autosave=True,
    )


def _marks(form: Mapping[str, str], judged: Judgement) -> dict[str, str]:
    """Return all errors of a form, whether or not it is issued now."""
    return notes.problems(form, today=clinic_day(now())) | judged.refusals


def _is_autosave() -> bool:
    return is_fragment_request() and bool(request.form.get("autosave"))


def _seen(visit: Visit) -> str:
    return f"{visit.state}-{visit.attempt}" + ("-phone" if call_log.mode_of(visit) == PHONE else "")

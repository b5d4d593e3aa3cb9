"""What the doctor looks up beside the form: earlier notes, the last prescription once more, diagnoses."""

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import current
from portal.base.language import gettext as _
from portal.contracts import VisitFact
from portal.core.accounts.here import staff as doctor
from portal.core.consults import diagnoses, earlier, panels, services
from portal.core.consults.gone_views import shows_what_was_typed
from portal.core.consults.views import back_to, bp, consult_page, require_treating, two_texts
from portal.core.doctors.pace import pace_of
from portal.core.prescribing import notes, patient_words
from portal.core.prescribing.notes import Notes
from portal.core.rules import versions as rules
from portal.core.shortcuts import services as shortcuts
from portal.core.visits.models import Visit
from portal.plugin_host.fallbacks import is_own_page, panels_of
from portal.plugin_host.registry import registry
from portal.store.versions import Changed
from portal.web.access import actor, allow
from portal.web.forms.changed import typed_form
from portal.web.pages import is_fragment_request, json_answer, page, wants_json

bp.app_template_global("has_all_diagnoses")(diagnoses.has_whole_list)
bp.app_template_global("plain_diagnoses")(diagnoses.plain_labels)
bp.app_template_global("purposes")(patient_words.purposes)
bp.app_template_global("usual_instructions")(patient_words.instructions)
FIELDS = ("q", "diagnosis", "icd10", "problem_code")


@bp.get("/visits/<uid>/earlier")
@allow("doctor")
def show_earlier(uid: str) -> ResponseReturnValue:
    """Show notes and medicines of an earlier visit to the doctor who has the person now."""
    consult = earlier.open_earlier(doctor(), uid, by=actor(), now=now())
    visit = consult.visit
    return page(
        "consults/earlier.html",
        "reader",
        visit=visit,
        consult=consult,
        notes=services.as_notes(consult),
        **panels.of(visit, "issued"),
    )


@bp.get("/visits/<uid>/panels")
@allow("doctor")
def show_panels(uid: str) -> ResponseReturnValue:
    """Show the panels of plugins; loaded after the page, so that a slow plugin holds nothing up."""
    visit, plugins = services.treating(doctor(), uid), registry()
    fact = VisitFact(visit.uid, visit.token, visit.session.specialty.code, visit.attempt)
    found = [
        (plugins.title(name), panel, panel.label if is_own_page(name, panel.url) else "")
        for name, panel in panels_of(plugins, fact)
    ]
    return page("consults/panels.html", "panels", visit=visit, panels=found, is_fragment=is_fragment_request())


@bp.get("/visits/<uid>/pace")
@allow("doctor")
def show_pace(uid: str) -> ResponseReturnValue:
    """Show the doctor how long the patient has been there, and how many wait too long."""
    visit = Visit.get_or_none((Visit.uid == uid) & (Visit.doctor == doctor())) or services.gone_back(doctor(), uid)
    if visit is None and is_fragment_request():  # ended elsewhere: an empty line, which asks no more
        return render_template("consults/_pace.html", visit=None, pace=None), NotFound.status
    if visit is None:
        raise NotFound
    return render_template("consults/_pace.html", visit=visit, pace=pace_of(visit, now()))


@bp.post("/visits/<uid>/repeat")
@allow("doctor")
@shows_what_was_typed
def repeat_last(uid: str) -> ResponseReturnValue:
    """Add the medicines of the last prescription to what is typed, and save it as the draft."""
    visit = require_treating(uid)
    last = earlier.last_of(visit)
    if last is None:
        raise Conflict(_("There is no earlier prescription here."))
    known = services.known_of(visit, doctor()).prescribed
    language = visit.beneficiary.language
    return _saved_with(visit, lambda typed: earlier.repeated(typed, last, typed_form(), language, known))


@bp.post("/visits/<uid>/insert")
@allow("doctor")
@shows_what_was_typed
def insert(uid: str) -> ResponseReturnValue:
    """Add the doctor's own template or phrase (`part`) to what is typed, and save it as the draft."""
    visit, part = require_treating(uid), request.args.get("part", "")
    chosen = shortcuts.get(doctor(), typed_form().get(f"insert-{part}", ""), part)
    language = visit.beneficiary.language
    return _saved_with(visit, lambda typed: shortcuts.inserted(typed, chosen, language))


@bp.post("/visits/<uid>/keep-rows")
@allow("doctor")
@shows_what_was_typed
def keep_rows(uid: str) -> ResponseReturnValue:
    """Keep the typed medicines as a template under a name; the notes are saved as the draft."""
    visit = require_treating(uid)

    def keep(typed: Notes) -> Notes:
        shortcuts.keep_rows(doctor(), typed_form().get("template-name", ""), typed, now=now())
        return typed

    return _saved_with(visit, keep)


@bp.get("/diagnoses")
@allow("doctor")
def search_diagnoses() -> ResponseReturnValue:
    """Answer the fields of a diagnosis with suggestions for what is typed there."""
    rules.refresh()
    typed = next((text for name in FIELDS if (text := request.args.get(name, ""))), "")
    found = diagnoses.search(typed, current())
    if wants_json():
        return json_answer([{"code": code, "label": label} for code, label in found])
    return page("consults/diagnoses.html", "found", found=found, typed=typed)


def _saved_with(visit: Visit, change: Callable[[Notes], Notes]) -> ResponseReturnValue:
    """Save what is typed, changed, as the draft, and go back to the page."""
    form, moment = typed_form(), now()
    try:
        wanted = change(notes.read(form, today=clinic_day(moment)))
        services.save_notes(visit, doctor(), wanted, seen=form.get("version", ""), by=actor(), now=moment)
    except Changed as error:
        return two_texts(visit, error)
    except Invalid as error:
        return consult_page(visit, form=form, errors=error.fields, status=error.status)
    return back_to(visit.uid)

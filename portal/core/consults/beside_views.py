"""What the doctor looks up beside the form: earlier notes, the last prescription once more, diagnoses."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.consults import diagnoses, earlier, panels, services
from portal.core.consults.gone_views import shows_what_was_typed
from portal.core.consults.views import back_to, bp, consult_page, require_treating, two_texts
from portal.core.prescribing import notes
from portal.core.visits.models import Visit
from portal.store.versions import Changed
from portal.web.access import actor, allow
from portal.web.forms.changed import typed_form
from portal.web.pages import json_answer, page, wants_json

bp.app_template_global("has_all_diagnoses")(diagnoses.has_whole_list)
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


@bp.post("/visits/<uid>/repeat")
@allow("doctor")
@shows_what_was_typed
def repeat_last(uid: str) -> ResponseReturnValue:
    """Add the medicines of the last prescription to what is typed, and save it as the draft."""
    visit = require_treating(uid)
    try:
        _fill(visit)
    except Changed as error:
        return two_texts(visit, error)
    except Invalid as error:
        return consult_page(visit, form=typed_form(), errors=error.fields, status=error.status)
    return back_to(uid)


@bp.get("/diagnoses")
@allow("doctor")
def search_diagnoses() -> ResponseReturnValue:
    """Answer the fields of a diagnosis with suggestions for what is typed there."""
    typed = next((text for name in FIELDS if (text := request.args.get(name, ""))), "")
    found = diagnoses.search(typed, current())
    if wants_json():
        return json_answer([{"code": code, "label": label} for code, label in found])
    return page("consults/diagnoses.html", "found", found=found, typed=typed)


def _fill(visit: Visit) -> None:
    form, moment, last = typed_form(), now(), earlier.last_of(visit)
    if last is None:
        raise Conflict(_("There is no earlier prescription here."))
    typed = notes.read(form, today=clinic_day(moment))
    known = services.known_of(visit, doctor()).prescribed
    wanted = earlier.repeated(typed, last, form, visit.beneficiary.language, known)
    seen = form.get("version", "")
    services.save_notes(visit, doctor(), wanted, seen=seen, by=actor(), now=moment)

"""Pages of the chart: the doctor changes it for the person of the visit."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.chart import forms, services
from portal.core.chart.forms import Typed
from portal.core.chart.models import ALLERGY, ERROR, MEDICINE, PROBLEM, RESOLVED, STOPPED
from portal.core.chart.strip import shown, strip_of
from portal.core.visits.models import Visit
from portal.web.access import actor, allow
from portal.web.pages import is_fragment_request, page, see_other

bp = Blueprint("chart", __name__)
ENDS = {ALLERGY: (ERROR,), PROBLEM: (RESOLVED, ERROR), MEDICINE: (STOPPED, ERROR)}


@bp.app_context_processor
def about_charts() -> dict[str, Any]:
    """Add the words of the chart, for every page that shows it."""
    return {"chart_words": forms}


@bp.post("/people/<uid>/allergies")
@allow("doctor")
def allergies(uid: str) -> ResponseReturnValue:
    """Enter an allergy or "none known", or mark one as entered in error."""
    return _change(uid, ALLERGY, forms.allergy)


@bp.post("/people/<uid>/problems")
@allow("doctor")
def problems(uid: str) -> ResponseReturnValue:
    """Enter a problem, or end one."""
    return _change(uid, PROBLEM, forms.problem)


@bp.post("/people/<uid>/medicines")
@allow("doctor")
def medicines(uid: str) -> ResponseReturnValue:
    """Enter a medicine that the patient takes, or stop one."""
    return _change(uid, MEDICINE, forms.medicine)


def _change(uid: str, part: str, parse: Callable[[Mapping[str, str]], Typed]) -> ResponseReturnValue:
    visit = services.visit_with(doctor(), uid)
    try:
        _apply(visit, part, parse)
    except Invalid as error:
        return _strip(visit, part, status=error.status, errors=error.fields)
    except Conflict as error:
        return _strip(visit, part, status=error.status, errors={"": error.message})
    return _strip(visit, part) if is_fragment_request() else see_other(url_for("consults.show", uid=visit.uid))


def _apply(visit: Visit, part: str, parse: Callable[[Mapping[str, str]], Typed]) -> None:
    form, by, moment, person = request.form, actor(), now(), visit.beneficiary
    state = form.get("state", "")
    if state and state not in ENDS[part]:
        raise Invalid({"": _("Choose one of the list.")})
    if state and form.get("entry"):
        seen = form.get("seen", "")
        services.end_entry(person, form["entry"], state, seen=seen, by_staff=doctor(), by=by, now=moment)
    elif state == STOPPED:
        services.stop_medicine(person, forms.medicine(form).name, by_staff=doctor(), by=by, now=moment)
    else:
        services.add_entry(person, parse(form), by_staff=doctor(), by=by, now=moment)


def _strip(
    visit: Visit, part: str, *, status: int = 200, errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """Show the strip with the changed part open: alone for htmx, else as a page of its own."""
    strip = strip_of(visit, doctor(), by=actor(), now=now())
    context = shown(strip, part, errors, request.form if errors else None)
    return page("chart/chart.html", "chart", status=status, visit=visit, **context)

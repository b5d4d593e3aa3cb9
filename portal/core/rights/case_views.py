"""Pages of cases: grievance, correction, deletion; the family asks, the administrator answers for the officer."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.here import account, staff
from portal.core.beneficiaries import services
from portal.core.beneficiaries.models import Beneficiary
from portal.core.rights import cases, nominees, retention, words
from portal.core.rights.models import ANSWERED, CORRECTION, ERASURE, GRIEVANCE, WORKING, Case
from portal.settings.clinic import PageWords, RightsRules
from portal.web.access import actor, allow, me
from portal.web.forms.once import once
from portal.web.pages import page, page_number, see_other

bp = Blueprint("cases", __name__)
bp.app_context_processor(lambda: {"case_words": words})
bp.app_template_global("late_cases")(lambda: cases.count_late(now()))  # for the administrator's overview


@bp.get("/grievance")
@allow("anyone")
def grievance() -> ResponseReturnValue:
    """Show whom to contact (TPG 2020 section 5.6), and to the signed-in family the form."""
    return _grievance_page()


@bp.post("/grievance")
@allow("beneficiary")
@once
def complain() -> ResponseReturnValue:
    """Open a case; its page shows the number."""
    form = request.form
    try:
        person = _chosen(form) if form.get("beneficiary") else None
        made = cases.open_case(account(), GRIEVANCE, person, form, by=actor(), now=now())
    except (Invalid, TooMany) as error:
        return _refused(_grievance_page, error)
    return see_other(url_for("cases.show", uid=made.uid))


@bp.get("/my/cases")
@allow("beneficiary")
def listed() -> ResponseReturnValue:
    """List the family's cases."""
    return page("rights/cases.html", cases=cases.cases_of(account()))


@bp.get("/my/cases/new")
@allow("beneficiary")
def new() -> ResponseReturnValue:
    """Show the form for correction or deletion, with how long the law has the records kept."""
    return _new_page()


@bp.post("/my/cases/new")
@allow("beneficiary")
@once
def ask() -> ResponseReturnValue:
    """Open a case for correction or deletion."""
    form = request.form
    try:
        kind = form.get("kind", "")
        if kind not in (CORRECTION, ERASURE):
            raise Invalid({"kind": _("Choose one of the list.")})
        made = cases.open_case(account(), kind, _chosen(form), form, by=actor(), now=now())
    except (Invalid, TooMany) as error:
        return _refused(_new_page, error)
    return see_other(url_for("cases.show", uid=made.uid))


@bp.get("/my/cases/<uid>")
@allow("beneficiary")
def show(uid: str) -> ResponseReturnValue:
    """Show a case with its number, state, last day and history."""
    return _case_page(cases.own_case(account(), uid))


@bp.post("/my/cases/<uid>")
@allow("beneficiary")
@once
def add(uid: str) -> ResponseReturnValue:
    """Add further words to a case."""
    case = cases.own_case(account(), uid)
    try:
        cases.add_remark(case, request.form, by=actor(), now=now())
    except Invalid as error:
        return _case_page(case, errors=error.fields, status=error.status)
    except Conflict as error:
        return _case_page(cases.own_case(account(), uid), errors={"": error.message}, status=error.status)
    return see_other(url_for("cases.show", uid=uid))


@bp.get("/admin/cases")
@allow("admin", "rights_officer")
def to_answer() -> ResponseReturnValue:
    """List the cases without an answer by their last day, or those answered."""
    is_answered, moment = request.args.get("state") == ANSWERED, now()
    return page(
        "rights/officer_cases.html",
        listed=cases.listed(page_number(), answered=is_answered),
        is_answered=is_answered,
        late=cases.count_late(moment),
        today=clinic_day(moment),
    )


@bp.get("/admin/cases/<uid>")
@allow("admin", "rights_officer")
def show_officer(uid: str) -> ResponseReturnValue:
    """Show a case with its history."""
    return _officer_page(cases.case_of(uid))


@bp.post("/admin/cases/<uid>")
@allow("admin", "rights_officer")
@once
def answer(uid: str) -> ResponseReturnValue:
    """Begin a case, or answer it."""
    case, form, by, moment = cases.case_of(uid), request.form, actor(), now()
    try:
        if form.get("state") == WORKING:
            cases.begin_work(case, staff(), by=by, now=moment)
        else:
            cases.answer_case(case, staff(), form, by=by, now=moment)
            flash(_("The answer stands on the family's page."), "success")
    except Invalid as error:
        return _officer_page(case, errors=error.fields, status=error.status)
    except Conflict as error:
        return _officer_page(cases.case_of(uid), errors={"": error.message}, status=error.status)
    return see_other(url_for("cases.show_officer", uid=uid))


def _chosen(form: Mapping[str, str]) -> Beneficiary:
    found = next((one for one in services.people_of(account()) if one.uid == form.get("beneficiary")), None)
    if found is None:
        raise Invalid({"beneficiary": _("Choose one of the list.")})
    return found


def _refused(shown: Any, error: Invalid | TooMany) -> ResponseReturnValue:
    errors = error.fields if isinstance(error, Invalid) else {"": error.message}
    response: Response = shown(errors=errors, status=error.status)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _grievance_page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    person, contact = me(), PageWords.in_force()
    is_family = person is not None and person.role == "beneficiary"
    return page(
        "rights/grievance.html",
        status=status,
        people=services.people_of(account()) if is_family else [],
        is_family=is_family,
        is_signed_in=person is not None,
        grievance_officer=contact.grievance_officer,
        grievance_email=contact.grievance_email,
        grievance_days=RightsRules.in_force().grievance_days,
        errors=errors,
        form=request.form,
    )


def _new_page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    people = services.people_of(account())
    return page(
        "rights/case_new.html",
        status=status,
        people=people,
        kept=[(person, retention.kept_until(person)) for person in people],
        rules=RightsRules.in_force(),
        errors=errors,
        form=request.form or request.args,
    )


def _case_page(case: Case, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    person = case.beneficiary if case.kind == ERASURE else None
    return page(
        "rights/case.html",
        status=status,
        case=case,
        steps=cases.steps_of(case),
        kept_until=retention.kept_until(person) if person else None,
        errors=errors,
        form=request.form,
    )


def _officer_page(case: Case, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    person = case.beneficiary
    return page(
        "rights/officer_case.html",
        status=status,
        case=case,
        steps=cases.steps_of(case),
        today=clinic_day(now()),
        kept_until=retention.kept_until(person) if person else None,
        nominee=nominees.nominee_of(person) if person else None,
        errors=errors,
        form=request.form,
    )

"""Pages of private visits: doctor and desk give a code, the family uses it."""

from collections.abc import Mapping

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.here import account, signed_in, staff
from portal.core.privacy import codes, doors, pins
from portal.core.visits.models import Visit
from portal.core.visits.states import FINAL
from portal.settings.clinic import PageWords
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("privacy", __name__)


@bp.post("/visits/<uid>/code")
@allow("doctor")
def give(uid: str) -> ResponseReturnValue:
    """Give the patient of this visit a code: beside the consult form, or as a page."""
    given = codes.give(codes.patient_of(staff(), uid), staff(), by=actor(), now=now())
    return page("privacy/given.html", "given", given=given, back=url_for("consults.show", uid=uid))


@bp.route("/desk/codes", methods=["GET", "POST"])
@allow("desk")
def desk() -> ResponseReturnValue:
    """Give a code to a person who is at the desk or on the telephone, by the whole number and after a check."""
    form: Mapping[str, str] = request.form
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            person = codes.named(form.get("number", ""), staff())
            if form.get("identity") != "yes":
                raise Invalid({"identity": _("Make sure first that it is this person.")})
            given = codes.give(person, staff(), by=actor(), now=now())
            return page("privacy/given.html", "given", given=given, back=url_for("privacy.desk"))
        except Invalid as error:
            errors = error.fields
    return page("privacy/desk.html", status=422 if errors else 200, form=form, errors=errors)


@bp.route("/visits/<uid>/open", methods=["GET", "POST"])
@allow("beneficiary")
def opening(uid: str) -> ResponseReturnValue:
    """Open a person's private visits with a code or the PIN; of a visit under way, the way to the PIN."""
    errors: dict[str, str] = {}
    status, retry_after, moment = 200, None, now()
    visit = codes.own_visit(uid, account())
    if request.method == "POST":
        try:
            code = request.form.get("code", "")
            codes.use(uid, code, account=account(), sign_in=signed_in().row, by=actor(), now=moment)
            return _onward(visit)
        except Invalid as error:
            errors, status = error.fields, error.status
        except TooMany as error:
            errors, status, retry_after = {"code": error.message}, error.status, error.retry_after
    if not doors.hides(visit.session.specialty, visit.beneficiary, signed_in().row, moment):
        return _onward(visit)
    helpline = PageWords.in_force().helpline
    has_pin = pins.pin_of(visit.beneficiary) is not None
    response = page("privacy/open.html", status=status, visit=visit, errors=errors, helpline=helpline, has_pin=has_pin)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _onward(visit: Visit) -> ResponseReturnValue:
    """Lead to what was opened; a private visit under way is plain already, and its code is for the person's PIN."""
    if visit.state in FINAL or not visit.session.specialty.is_private:
        return see_other(url_for("visits.show", uid=visit.uid))
    return see_other(url_for("privacy.pin", uid=visit.beneficiary.uid))

"""Pages of the pharmacy: open a prescription by its code, dispense."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.clinic.models import Centre
from portal.core.dispensing import history, services
from portal.core.paper import codes
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import Prescription
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("dispensing", __name__)


@bp.get("/dispense")
@allow("pharmacist")
def show() -> ResponseReturnValue:
    """Show the code field with today's list, or the sheet of a code."""
    code = request.args.get("code", "").strip()
    if not code:
        return _index()
    try:
        issued = services.open_sheet(staff(), code, by=actor(), now=now())
    except NotFound as error:
        return _index(code, {"code": error.message}, error.status)
    except TooMany as error:
        answer = _index("", {"code": error.message}, error.status)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    if issued.replaced_at:
        return _to_the_newest(issued)
    session["sheet"] = {"number": issued.number, "code": issued.code}
    if codes.normalise(code) != issued.code:  # a family's code works once: a reload would not open it again
        return see_other(url_for("dispensing.show", code=issued.code))
    return _sheet(issued, form=request.form)


@bp.post("/dispense/<number>")
@allow("pharmacist")
def give(number: str) -> ResponseReturnValue:
    """Dispense. The code is checked again, outside the transaction of the form's key, so that wrong ones stay counted.

    Without a code the form is for the sheet that this browser opened last.
    """
    opened = session.get("sheet") or {}
    code = request.form.get("code") or (opened.get("code", "") if opened.get("number") == number else "")
    issued = services.open_sheet(staff(), code, by=actor(), now=now())
    if issued.number != number:
        raise NotFound
    return _give(issued=issued)


@once
def _give(issued: Prescription) -> ResponseReturnValue:
    try:
        services.dispense(issued, staff(), _centre(), request.form, by=actor(), now=now())
    except Invalid as error:
        return _sheet(issued, form=request.form, errors=error.fields, status=error.status)
    except services.TooMuch as error:
        named = {f"items-{error.position}-quantity": error.message}
        return _sheet(issued, form=request.form, errors=named, status=error.status)
    except Conflict as error:
        return _sheet(issued, form=request.form, errors={"": error.message}, status=error.status)
    flash(_("Stored: what you gave stands under “Given so far”."), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


def _to_the_newest(issued: Prescription) -> ResponseReturnValue:
    """Lead from the code of an old paper to the version that is valid, and say so there."""
    newest = prescriptions.newest_of(issued.visit.uid)
    sentence = _(
        "The paper with number %(old)s is replaced by %(new)s, which is shown here. Give by this one.",
        old=issued.number,
        new=newest.number,
    )
    flash(sentence, "warn")
    return see_other(url_for("dispensing.show", code=newest.code))


def _index(code: str = "", errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    return page(
        "dispensing/index.html",
        "open",
        status=status,
        code=code,
        errors=errors,
        todays=services.todays(_centre(), now=now()),
        centre=_centre(),
        longest=codes.LONGEST_TYPED,
    )


def _sheet(
    issued: Prescription,
    *,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    moment, items = now(), prescriptions.items_of(issued)
    return page(
        "dispensing/sheet.html",
        "sheet",
        status=status,
        issued=issued,
        person=issued.beneficiary,
        form=form or {},
        errors=errors,
        items=items,
        parts=services.parts_of(issued, on=clinic_day(moment)),
        labels={f"items-{item.position}-quantity": item.drug for item in items},
        given=history.given(issued),
        today=clinic_day(moment),
        state=prescriptions.status_of(issued, moment),
        newest=prescriptions.newest_of(issued.visit.uid),
    )


def _centre() -> Centre:
    """Return the pharmacist's own centre. Raises NotAllowed without one."""
    centre = staff().centre
    if centre is None:
        raise NotAllowed
    return centre

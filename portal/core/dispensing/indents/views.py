"""Pages of indents: order from a sheet, the centre's list, ready, withdraw."""

from collections.abc import Mapping

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.beneficiaries.identity import initials
from portal.core.dispensing.indents import lists, ordering, steps
from portal.core.dispensing.indents.words import order_words
from portal.core.dispensing.sheet_views import TooMuch, bp, centre_here, opened, sheet_page
from portal.core.prescriptions.models import Prescription
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other


@bp.post("/dispense/<number>/indent")
@allow("pharmacist")
def indent(number: str) -> ResponseReturnValue:
    """Order a medicine from the chemist."""
    return _indent(issued=opened(number))


@once
def _indent(issued: Prescription) -> ResponseReturnValue:
    try:
        found = ordering.indent(issued, staff(), centre_here(), request.form, by=actor(), now=now())
    except Invalid as error:
        return sheet_page(issued, ordered=request.form, errors=_named(error.fields), status=error.status)
    except TooMuch as error:
        named = {f"indent-{error.position}-quantity": error.message}
        return sheet_page(issued, ordered=request.form, errors=named, status=error.status)
    except Conflict as error:
        return sheet_page(issued, ordered=request.form, errors={"": error.message}, status=error.status)
    numbers = ", ".join(row.number for row in found)
    flash(_("Indented: %(number)s. Mark it as ready when the chemist has brought it.", number=numbers), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


@bp.get("/dispense/indents")
@allow("pharmacist")
def list_indents() -> ResponseReturnValue:
    """Show what the chemist still has to bring, what waits for its patient, and what lately ended."""
    return _list()


@bp.post("/dispense/indents/<uid>/ready")
@allow("pharmacist")
@once
def ready(uid: str) -> ResponseReturnValue:
    """Mark an indent as ready; the patient gets an SMS."""
    try:
        row = steps.make_ready(uid, centre_here(), by=actor(), now=now())
    except Conflict as error:
        return _list({"": error.message}, error.status)
    flash(_("%(number)s is ready; the patient gets an SMS.", number=row.number), "success")
    return see_other(url_for("dispensing.list_indents"))


@bp.post("/dispense/indents/<uid>/withdraw")
@allow("pharmacist")
@once
def withdraw(uid: str) -> ResponseReturnValue:
    """Withdraw an indent, for instance when the chemist cannot bring it."""
    try:
        row = steps.withdraw(uid, centre_here(), request.form.get("reason", ""), by=actor(), now=now())
    except Invalid as error:
        return _list({f"reason-{uid}": sentence for sentence in error.fields.values()}, error.status)
    except Conflict as error:
        return _list({"": error.message}, error.status)
    flash(_("%(number)s is withdrawn; its quantity can be given again.", number=row.number), "success")
    return see_other(url_for("dispensing.list_indents"))


def _list(errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    centre, moment = centre_here(), now()
    return page(
        "dispensing/indents.html",
        "indents",
        status=status,
        centre=centre,
        open=lists.open_at(centre),
        ended=lists.ended_at(centre, now=moment),
        words=order_words(),
        today=clinic_day(moment),
        initials=initials,
        errors=errors,
    )


def _named(fields: Mapping[str, str]) -> dict[str, str]:
    """Rename the fields of quantities to those of the order forms."""
    return {name.replace("items-", "indent-", 1): sentence for name, sentence in fields.items()}

"""Pages of an issued prescription: its versions, a correction by the author, and cancelling."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.accounts.step_up import stepped_up
from portal.core.beneficiaries.identity import initials
from portal.core.consults import editions
from portal.core.prescriptions import amending, cancelling, reading
from portal.core.prescriptions.models import Prescription
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("corrections", __name__)


# For the pages of a visit, whose rooms know no prescriptions. Globals, as polls are rendered without Flask.
bp.app_template_global("versions_of")(reading.versions_of)
bp.app_template_global("given_until")(amending.given_until)
bp.app_template_global("given_otherwise")(amending.given_otherwise)


@bp.app_template_global()
def prescription_words() -> dict[str, tuple[str, str]]:
    """Map each state to the colour of its chip and its word."""
    return {
        "valid": ("valid", _("Valid")),
        "dispensed": ("collected", _("All medicines given")),
        "expired": ("expired", _("Expired")),
        "cancelled": ("cancelled", _("Cancelled")),
        "replaced": ("expired", _("Replaced")),
    }


@bp.get("/visits/<uid>/prescription")
@allow("doctor")
def show(uid: str) -> ResponseReturnValue:
    """Show the versions of a prescription, and what this doctor may do with it."""
    return _prescription_page(_require_known(uid))


@bp.post("/visits/<uid>/prescription/amend")
@allow("doctor")
@once
def amend(uid: str) -> ResponseReturnValue:
    """Open the notes again as a draft of the next version."""
    try:
        amending.begin(uid, staff(), request.form.get("reason", ""), by=actor(), now=now())
    except Invalid as error:
        return _prescription_page(_require_known(uid), errors=error.fields)
    return see_other(url_for("consults.show", uid=uid))


@bp.post("/visits/<uid>/prescription/keep")
@allow("doctor")
def keep(uid: str) -> ResponseReturnValue:
    """Give the draft up: what is issued holds."""
    issued = reading.newest_of(uid)
    if issued.doctor_id != staff().id:
        raise NotFound
    editions.give_up(issued.visit, by=actor(), now=now())
    flash(_("Nothing was changed: %(number)s holds as it is.", number=issued.number), "success")
    return see_other(url_for("corrections.show", uid=uid))


@bp.post("/visits/<uid>/prescription/cancel")
@allow("doctor")
@once
def cancel(uid: str) -> ResponseReturnValue:
    """Cancel it at every centre at once."""
    issued = _require_known(uid)
    try:
        cancelling.cancel(issued, staff(), request.form.get("reason", ""), by=actor(), now=now())
    except Invalid as error:
        return _prescription_page(issued, errors=error.fields)
    flash(_cancelled(issued), "success")
    return see_other(url_for("corrections.show", uid=uid))


@bp.get("/prescriptions")
@allow("doctor")
def by_number() -> ResponseReturnValue:
    """Find a prescription by its number: an own one, or a colleague's who is away."""
    number, errors = request.args.get("number", ""), {}
    if number:
        if (found := _known_by(number)) is not None:
            return see_other(url_for("corrections.show", uid=found.visit.uid))
        errors = {
            "number": _(
                "None that you can open has this number. You can open your own ones, and those of a colleague of your"
                " specialty who is away. The number is printed at the top, such as RX-2611-000123."
            )
        }
    return page("prescriptions/number.html", status=Invalid.status if errors else 200, number=number, errors=errors)


@bp.route("/admin/prescriptions", methods=["GET", "POST"])
@allow("admin")
@stepped_up("corrections.cancel_by_number")
@once
def cancel_by_number() -> ResponseReturnValue:
    """Cancel a prescription by its number, or ask a second administrator to; neither sees what it says."""
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        try:
            flash(_by_number(request.form), "success")
            return see_other(url_for("corrections.cancel_by_number"))
        except Invalid as error:
            errors = error.fields
    return page(
        "prescriptions/cancel.html",
        status=Invalid.status if errors else 200,
        form=request.form,
        errors=errors,
        needs_two=cancelling.needs_two(),
        waiting=cancelling.waiting(now()),
    )


def _by_number(form: Mapping[str, str]) -> str:
    """Cancel, or ask a second administrator; say which."""
    issued, reason = cancelling.find(form.get("number", "")), form.get("reason", "")
    if not cancelling.needs_two():
        cancelling.cancel(issued, staff(), reason, by=actor(), now=now())
        return _cancelled(issued)
    cancelling.ask(issued, staff(), reason, by=actor(), now=now())
    return _("%(number)s waits for a second administrator. Until then it holds.", number=issued.number)


@bp.post("/admin/prescriptions/<uid>/confirm")
@allow("admin")
@stepped_up("corrections.cancel_by_number")
def confirm_cancel(uid: str) -> ResponseReturnValue:
    """Confirm, as the second administrator, what another asked for: it is cancelled."""
    flash(_cancelled(cancelling.confirm(uid, staff(), by=actor(), now=now())), "success")
    return see_other(url_for("corrections.cancel_by_number"))


@bp.post("/admin/prescriptions/<uid>/withdraw")
@allow("admin")
def withdraw_cancel(uid: str) -> ResponseReturnValue:
    """Take back, or decline, what was asked for: the prescription holds."""
    issued = cancelling.withdraw(uid, by=actor(), now=now())
    flash(_("Nothing was changed: %(number)s holds as it is.", number=issued.number), "success")
    return see_other(url_for("corrections.cancel_by_number"))


def _known_by(number: str) -> Prescription | None:
    """Find by its number what this doctor may correct or cancel; a colleague's looks as if it were not there (S03)."""
    try:
        found = cancelling.find(number)
    except Invalid:
        return None
    return found if cancelling.standing_of(staff(), found, now()) is not None else None


def _cancelled(issued: Prescription) -> str:
    return _("%(number)s is cancelled at every centre; the patient gets an SMS.", number=issued.number)


def _require_known(uid: str) -> Prescription:
    """Get the newest version for who may read or cancel it. Raises NotFound for others."""
    issued = reading.newest_of(uid)
    if cancelling.standing_of(staff(), issued, now()) is None:
        return reading.open_for_staff(staff(), uid, by=actor(), now=now())
    return issued


def _prescription_page(issued: Prescription, *, errors: Mapping[str, str] | None = None) -> Response:
    moment, doctor = now(), staff()
    standing = None if issued.cancelled_at else cancelling.standing_of(doctor, issued, moment)
    return page(
        "prescriptions/prescription.html",
        status=Invalid.status if errors else 200,
        issued=issued,
        visit=issued.visit,
        initials=initials(issued.beneficiary.name),
        state=reading.status_of(issued, moment),
        may_read=reading.may_doctor(doctor, issued),
        may_amend=amending.may_amend(issued, doctor, moment),
        draft=editions.draft_of(issued.visit) if issued.doctor_id == doctor.id else None,
        standing=standing,
        form=request.form,
        errors=errors,
    )

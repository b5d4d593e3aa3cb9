"""Pages of the pharmacy: open a prescription by its code, dispense, reverse, keep the scan of a permission."""

from flask import flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound, TooBig, TooMany, WrongKind
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.dispensing import reversing, services
from portal.core.dispensing.letters import scans
from portal.core.dispensing.letters.finding import letter_of
from portal.core.dispensing.sheet_views import TooMuch, bp, centre_here, index_page, opened, sheet_page
from portal.core.paper import codes
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import Prescription
from portal.core.records import held
from portal.core.records.kinds import MIME, download_name
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import see_other, send_bytes


@bp.get("/dispense")
@allow("pharmacist")
def show() -> ResponseReturnValue:
    """Show the code field with today's list, or the sheet of a prescription's own code.

    Any other text only fills in the field: a family's code works once, and following a link must not use it up.
    """
    code = request.args.get("code", "").strip()
    if not codes.normalise(code):
        return index_page(code)
    return _shown(code)


@bp.post("/dispense")
@allow("pharmacist")
def open_typed() -> ResponseReturnValue:
    """Open by what was typed, also by a family's code, which this uses up."""
    code = request.form.get("code", "").strip()
    if not code or codes.normalise(code):  # the page of this address counts and audits it
        return see_other(url_for("dispensing.show", code=code))
    return _shown(code)


def _shown(code: str) -> ResponseReturnValue:
    try:
        issued = services.open_sheet(staff(), code, by=actor(), now=now())
    except NotFound as error:
        return index_page(code, {"code": error.message}, error.status)
    except TooMany as error:
        answer = index_page("", {"code": error.message}, error.status)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    if issued.replaced_at:
        return _to_the_newest(issued)
    session["sheet"] = {"number": issued.number, "code": issued.code}
    if not codes.normalise(code):  # a reload opens it again
        return see_other(url_for("dispensing.show", code=issued.code))
    return sheet_page(issued, typed=request.form)


@bp.post("/dispense/<number>")
@allow("pharmacist")
def give(number: str) -> ResponseReturnValue:
    """Dispense. The code is checked again, outside the transaction of the form's key: wrong ones stay counted."""
    return _give(issued=opened(number))


@once
def _give(issued: Prescription) -> ResponseReturnValue:
    try:
        services.dispense(issued, staff(), centre_here(), request.form, by=actor(), now=now())
    except Invalid as error:
        return sheet_page(issued, typed=request.form, errors=error.fields, status=error.status)
    except TooMuch as error:
        named = {f"items-{error.position}-quantity": error.message}
        return sheet_page(issued, typed=request.form, errors=named, status=error.status)
    except Conflict as error:
        return sheet_page(issued, typed=request.form, errors={"": error.message}, status=error.status)
    flash(_("Stored: what you gave stands under “Given so far”."), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


@bp.post("/dispense/<number>/reverse")
@allow("pharmacist")
def reverse(number: str) -> ResponseReturnValue:
    """Reverse a dispensing of this centre: the named one, else the last."""
    return _reverse(issued=opened(number))


@once
def _reverse(issued: Prescription) -> ResponseReturnValue:
    uid, reason = request.form.get("dispensing", ""), request.form.get("reason", "")
    try:
        reversing.reverse(issued, uid, staff(), centre_here(), reason, by=actor(), now=now())
    except Invalid as error:
        named = {f"reason-{uid}" if uid else "": sentence for sentence in error.fields.values()}
        return sheet_page(issued, errors=named, status=error.status)
    except Conflict as error:
        return sheet_page(issued, errors={"": error.message}, status=error.status)
    flash(_("Reversed: these medicines count as not given."), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


@bp.post("/dispense/letters/<uid>")
@allow("pharmacist")
@takes_files
def add_scan(uid: str) -> ResponseReturnValue:
    """Add the scan of the letter of a dispensing or an indent of this centre."""
    letter_of(uid, centre_here())
    return _add_scan(uid=uid, basket=held.take_in(staff(), request.files.getlist("scan")[:1], (), now=now()))


@once
def _add_scan(uid: str, basket: held.Basket) -> ResponseReturnValue:
    letter = letter_of(uid, centre_here())
    issued = letter.prescription
    try:
        scans.keep_scan(letter, basket, by=actor(), now=now())
    except (Invalid, Conflict, TooBig, WrongKind) as error:
        return sheet_page(issued, errors={f"scan-{uid}": error.message}, status=error.status)
    flash(_("The scan is stored. It can be opened once it has been checked."), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


@bp.get("/dispense/letters/<uid>")
@allow("pharmacist")
def scan(uid: str) -> ResponseReturnValue:
    """Serve the scan of a letter to the pharmacy of its centre; audited."""
    found, content = scans.read_scan(uid, centre_here(), by=actor(), now=now())
    return send_bytes(content, MIME[found.kind], download_name(found.title, found.kind))


def _to_the_newest(issued: Prescription) -> ResponseReturnValue:
    """Lead from the code of an old paper to the version that is valid, and say so there."""
    newest = prescriptions.newest_of(issued.visit.uid)
    if newest.cancelled_at is None:
        sentence = _(
            "The paper with number %(old)s is replaced by %(new)s, which is shown here. Give by this one.",
            old=issued.number,
            new=newest.number,
        )
    else:
        sentence = _(
            "The paper with number %(old)s was replaced by %(new)s, and that is cancelled. Give nothing on it.",
            old=issued.number,
            new=newest.number,
        )
    flash(sentence, "warn")
    return see_other(url_for("dispensing.show", code=newest.code))

"""Pages of a visit's records: list, add, unlock, read, remove."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from portal.core.accounts.here import account, signed_in, staff
from portal.core.beneficiaries.holds import require_readable
from portal.core.privacy import doors
from portal.core.records import held, reading, services, words
from portal.core.records.held import NOTHING, Basket
from portal.core.records.kinds import ACCEPT, ENDINGS, MIME, download_name
from portal.core.records.models import Record
from portal.core.records.previews import THUMBNAIL
from portal.core.records.uploads import look_at
from portal.core.visits.models import Visit
from portal.core.visits.states import FINAL
from portal.web.access import actor, allow
from portal.web.forms.once import acted, is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import is_fragment_request, page, see_other, send_bytes

bp = Blueprint("records", __name__)
MOST_PAGES = 20  # shown beside the form; the file itself has them all
CHIPS = {"checking": "sending", "ready": "ready", "partial": "held", "locked": "held", "refused": "problem"}


@bp.app_context_processor
def about_records() -> dict[str, Any]:
    """Add the template variables of pages that show records or take files."""
    return {"record_words": words, "record_chips": CHIPS, "accept_files": ACCEPT}


@bp.get("/visits/<uid>/records")
@allow("beneficiary", "doctor")
def listed(uid: str) -> ResponseReturnValue:
    """List the records of a visit: a page, or the fragment for the pages of the visit; 204 when nothing is new."""
    doctor = signed_in().staff
    if doctor is not None and is_fragment_request() and reading.is_over_with(doctor, uid):
        return Response(status=204)  # the doctor's page asks once more while it is being left
    return _page(_visit_of(uid), seen=request.args.get("seen", ""))


@bp.post("/visits/<uid>/records")
@takes_files
@allow("beneficiary", "doctor")
def add(uid: str) -> ResponseReturnValue:
    """Add records while the visit is open: the family's, or what the doctor who has the visit gives the patient.

    Idempotent: a form that is sent twice stores its files once.
    """
    visit = _visit_of(uid)
    if is_spent():
        _tell_again()
        return _added(visit=visit, basket=NOTHING)
    try:
        basket = held.take_in(signed_in().staff or account(), request.files.getlist("records"), (), now=now())
    except Unavailable as error:
        return _page(visit, error.status, {"records": error.message}, error.retry_after)
    return _added(visit=visit, basket=basket)


def _tell_again() -> None:
    """Repeat the refusals: after a double submit the browser shows only the second response."""
    _taken, refused = look_at(request.files.getlist("records"))
    if refused:
        flash(" ".join(one.sentence for one in refused), "error")


@once
def _added(visit: Visit, basket: Basket) -> ResponseReturnValue:
    """Add the accepted files and name the refused ones."""
    try:
        refused = services.add_to_visit(visit, basket, by=actor(), now=now(), given_by=signed_in().staff)
    except (Invalid, Conflict) as error:
        return _page(visit, error.status, {"records": error.message})
    if refused:
        if basket.held:
            acted(url_for("records.listed", uid=visit.uid))
        sentence = " ".join(one.sentence for one in refused)
        return _page(visit, max(one.status for one in refused), {"records": sentence})
    return see_other(_home(visit))


@bp.get("/records/<uid>")
@allow("beneficiary", "doctor", "medical_officer", at_kiosk=False)
def read(uid: str) -> ResponseReturnValue:
    """Serve the file to the family, to the treating doctor, and to officers what came with a request or referral."""
    found = _found(uid)
    return see_other(_back(found)) if signed_in().staff is None and _is_hidden(found) else _sent(found)


@bp.get("/records/<uid>/beside")
@allow("doctor")
def beside(uid: str) -> ResponseReturnValue:
    """Show a record beside the consult form."""
    found = reading.open_for_doctor(staff(), uid, by=actor(), now=now())
    pages = reading.pages_of(found)
    shown = range(1, min(pages, MOST_PAGES) + 1)
    return page("records/beside.html", "reader", record=found, shown=shown, is_whole=len(shown) == pages)


@bp.get("/records/<uid>/pages/<int:number>")
@allow("doctor")
def drawn(uid: str, number: int) -> ResponseReturnValue:
    """Serve a page as a picture, for the reader beside the consult form. It was drawn here, so it may open in a tab."""
    found = reading.open_for_doctor(staff(), uid, by=actor(), now=now())
    if number == THUMBNAIL:
        raise NotFound
    return _shown(found, number)


@bp.get("/records/<uid>/thumbnail")
@allow("beneficiary", "doctor", "medical_officer")
def thumbnail(uid: str) -> ResponseReturnValue:
    """Serve the small picture of a record to those who may read it."""
    found = _found(uid)
    if signed_in().staff is None and _is_hidden(found):
        raise NotFound
    return _shown(found, THUMBNAIL)


@bp.post("/records/<uid>/password")
@allow("beneficiary")
def unlock(uid: str) -> ResponseReturnValue:
    """Unlock a PDF with its password."""
    found = reading.open_for_account(account(), uid)
    if _is_hidden(found):
        return see_other(_back(found))
    try:
        services.unlock(account(), uid, request.form.get("password", ""), by=actor(), now=now())
    except (Invalid, TooMany, Unavailable) as error:
        if found.visit is None:
            raise
        return _page(found.visit, error.status, {"password": error.message}, error.retry_after, wrong=uid)
    return see_other(_back(found))


@bp.post("/records/<uid>/remove")
@allow("beneficiary", "doctor", "medical_officer")
def remove(uid: str) -> ResponseReturnValue:
    """Remove a record before the consultation, or before the request is answered; a doctor's while the visit lasts."""
    found = services.remove(signed_in().staff or account(), uid, by=actor(), now=now())
    if found.given_by_id is not None and found.visit and is_fragment_request():
        return _page(found.visit)
    return see_other(_back(found))


def _found(uid: str) -> Record:
    """Get a record for whoever is signed in, and audit the reading of staff. Raises NotFound for others'."""
    reader = signed_in().staff
    if reader is None:
        found = reading.open_for_account(account(), uid)
        if found.beneficiary is not None:
            require_readable(found.beneficiary, now())
        return found
    open_for = reading.open_for_doctor if reader.role == "doctor" else reading.open_for_officer
    return open_for(reader, uid, by=actor(), now=now())


def _page(
    visit: Visit,
    status: int = 200,
    errors: dict[str, str] | None = None,
    retry_after: int | None = None,
    *,
    wrong: str = "",
    seen: str = "",
) -> Response:
    by_doctor = signed_in().staff is not None
    if not by_doctor and visit.state in FINAL:
        require_readable(visit.beneficiary, now())
    if not by_doctor and _is_closed(visit):
        return see_other(url_for("visits.show", uid=visit.uid))
    context = reading.papers_of(visit) if by_doctor else reading.overview_of(visit)
    if seen == context["seen"]:
        return Response(status=204)
    context |= {"visit": visit, "errors": errors or {}, "wrong": wrong, "with_passwords": not is_fragment_request()}
    template = "records/papers.html" if by_doctor else "records/visit.html"
    response = page(template, "list", status=status, **context)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _visit_of(uid: str) -> Visit:
    """Get the family's own visit, or the one that the doctor has now. Raises NotFound for any other."""
    doctor = signed_in().staff
    return _own_visit(uid) if doctor is None else reading.visit_with(doctor, uid)


def _home(visit: Visit) -> str:
    """Return the page of a visit: the doctor's list leads back to the notes, which are left as they are."""
    return url_for("records.listed" if signed_in().staff else "visits.show", uid=visit.uid)


def _own_visit(uid: str) -> Visit:
    visit = Visit.get_or_none(Visit.uid == uid)
    if visit is None or visit.beneficiary.account_id != account().id:
        raise NotFound
    return visit


def _is_closed(visit: Visit) -> bool:
    return doors.is_closed(visit, signed_in().row, now())


def _is_hidden(found: Record) -> bool:
    """Is it of a private visit, request or referral that this sign-in has not opened?"""
    if found.visit is not None:
        return _is_closed(found.visit)
    of, person = found.request or found.referral, found.beneficiary
    if of is None or person is None:
        return False
    return doors.hides(of.specialty, person, signed_in().row, now())


def _back(found: Record) -> str:
    """Return the page that lists the record."""
    if found.given_by_id is not None and found.visit:
        return _home(found.visit)
    if signed_in().staff and found.referral:
        return url_for("referrals.show", uid=found.referral.uid)
    if found.request or found.referral:
        return url_for("referrals.mine")
    return url_for("visits.show", uid=found.visit.uid) if found.visit else url_for("home.family")


def _shown(found: Record, number: int) -> Response:
    picture, kind = reading.picture_of(found, number)
    return send_bytes(picture, MIME[kind], f"{number}.{ENDINGS[kind]}", inline=True)


def _sent(found: Record) -> Response:
    return send_bytes(reading.content(found), MIME[found.kind], download_name(found.title, found.kind))

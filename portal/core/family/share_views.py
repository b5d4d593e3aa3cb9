"""Pages of sharing: the family makes and withdraws codes, whoever has one opens the medicines with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, flash, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries.holds import require_readable
from portal.core.beneficiaries.identity import initials
from portal.core.clinic.models import Centre
from portal.core.family import medicines, share_codes, shares
from portal.core.prescriptions import reading
from portal.core.privacy import doors
from portal.core.privacy.codes import own_visit
from portal.core.visits.models import Visit
from portal.web.access import actor, allow, client_address
from portal.web.forms.once import once
from portal.web.pages import page, see_other
from portal.work import throttle

bp = Blueprint("shares", __name__)
bp.app_template_global("collectors_of")(lambda issued: shares.collectors(issued, now()))
WRONG_CODES_A_MINUTE = 10


@bp.get("/visits/<uid>/shares")
@allow("beneficiary")
def listed(uid: str) -> ResponseReturnValue:
    """Show the codes of a visit's prescription, and the form for a new one."""
    return _page(_own(uid))


@bp.post("/visits/<uid>/shares")
@allow("beneficiary")
@once
def make(uid: str) -> ResponseReturnValue:
    """Make a code."""
    visit = _own(uid)
    try:
        shares.share(visit, account(), request.form, by=actor(), now=now())
    except Invalid as error:
        return _page(visit, errors=error.fields, status=error.status)
    except Conflict as error:
        return _page(visit, errors={"": error.message}, status=error.status)
    return see_other(url_for("shares.listed", uid=uid))


@bp.post("/visits/<uid>/shares/<share>/withdraw")
@allow("beneficiary")
def withdraw(uid: str, share: str) -> ResponseReturnValue:
    """End a code."""
    shares.withdraw(_own(uid), share, by=actor(), now=now())
    flash(_("This code opens nothing any more."), "success")
    return see_other(url_for("shares.listed", uid=uid))


@bp.route("/shared", methods=["GET", "POST"])
@allow("anyone")
def opening() -> ResponseReturnValue:
    """Open what somebody has shared. A link may carry the code: only the button uses it, no preview of the link."""
    typed, errors, moment = request.values.get("code", ""), {}, now()
    if request.method == "POST":
        try:
            return see_other(url_for("shares.shown", uid=_opened(typed, moment)))
        except Invalid as error:
            errors = error.fields
    return page("family/open.html", status=422 if errors else 200, code=typed[:40], errors=errors)


@bp.get("/shared/<uid>")
@allow("anyone")
def shown(uid: str) -> ResponseReturnValue:
    """Show the medicines to the browser that has used the code: no diagnosis, no advice, initials for the name."""
    moment, key = now(), (session.get("shared") or {}).get(uid, "")
    try:
        issued = shares.shown_to(uid, key, moment)
    except NotFound as error:
        if not key:
            raise
        ended = _("What was shown here has ended, or the family has withdrawn it. Ask them for a new code.")
        return page("family/open.html", status=error.status, code="", errors={"code": ended})
    sheet = medicines.composed(issued, moment)
    return page("family/shared.html", sheet=sheet, initials=initials(issued.beneficiary.name))


def _opened(typed: str, moment: datetime) -> str:
    bucket = f"shared:{client_address()}"
    if throttle.count(bucket, within=timedelta(minutes=1), now=moment) >= WRONG_CODES_A_MINUTE:
        raise TooMany(_("Too many wrong codes from here. Please try again in a minute."), retry_after=60)
    try:
        found, key = shares.open_as_person(typed, now=moment)
    except Invalid:
        throttle.hit(bucket, now=moment)
        raise
    session["shared"] = {found.uid: key}
    return str(found.uid)


def _own(uid: str) -> Visit:
    """Find an own visit with a prescription. Raises NotFound for any other, and for a private one that is closed."""
    visit = own_visit(uid, account())
    require_readable(visit.beneficiary, now())
    if reading.of_visit(visit) is None or doors.is_closed(visit, signed_in().row, now()):
        raise NotFound
    return visit


def _page(visit: Visit, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    moment = now()
    centres = Centre.select().where(Centre.active).order_by(Centre.code)
    found = [(one, shares.state_of(one, moment)) for one in shares.of_visit(visit)]
    return page(
        "family/shares.html",
        status=status,
        visit=visit,
        may_share=shares.is_shareable(visit, moment),
        shares=found,
        codes={one.uid: share_codes.code_of(one) for one, state in found if state == "open"},
        address=current_app.config["PORTAL"].base_url.rstrip("/") + url_for("shares.opening"),
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in centres],
        own_centre=visit.beneficiary.entry.centre.code,
        errors=errors,
        form=request.form,
    )

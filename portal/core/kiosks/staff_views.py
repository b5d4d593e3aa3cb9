"""Pages of staff: the list of kiosks, of all centres or of a desk's own, and a visit that the desk hands to one."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotAllowed
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.here import staff
from portal.core.accounts.kiosks import pairing
from portal.core.accounts.kiosks.listed import kiosks_of
from portal.core.clinic.models import Centre
from portal.core.desk import tokens
from portal.core.desk.here import desk
from portal.core.kiosks import handing
from portal.core.kiosks.views import bp
from portal.core.visits.states import OPEN
from portal.web.access import actor, allow
from portal.web.pages import page, see_other


@bp.get("/kiosks")
@allow("admin", "desk")
def index() -> ResponseReturnValue:
    """List the kiosks, with the form for one more."""
    return _page({})


@bp.post("/kiosks")
@allow("admin", "desk")
def add() -> ResponseReturnValue:
    """Add a kiosk. No redirect: its code is shown in this answer only."""
    try:
        centre = _own() or Centre.get_or_none(Centre.active & (Centre.code == request.form.get("centre", "")))
        if centre is None:
            raise Invalid({"centre": _("Choose a centre.")})
        code = pairing.offer(request.form.get("place", ""), centre, by=actor(), now=now())
    except Invalid as error:
        return _page(error.fields, error.status)
    return _page({}, code=f"{code[:4]} {code[4:]}")


@bp.post("/kiosks/<uid>/revoke")
@allow("admin", "desk")
def revoke(uid: str) -> ResponseReturnValue:
    """Revoke a kiosk: who is signed in there is signed out."""
    pairing.revoke(uid, _own(), by=actor(), now=now())
    return see_other(url_for("kiosks.index"))


@bp.route("/desk/tokens/<uid>/kiosk", methods=["GET", "POST"])
@allow("desk")
def hand(uid: str) -> ResponseReturnValue:
    """Show the code that opens this visit on the kiosk. No redirect: it is shown in this answer only."""
    visit, centre = tokens.visit_of(desk(), uid, on=now()), desk().centre
    errors, code = {}, ""
    if visit.state not in OPEN or centre is None:
        raise Conflict(_("This visit is over."))
    if request.method == "POST":
        is_seen = request.form.get("card_seen") == "yes"
        try:
            code = handing.hand_over(visit, centre, is_card_seen=is_seen, by=actor(), now=now())
        except Invalid as error:
            errors = error.fields
    shown = f"{code[:3]} {code[3:]}"
    return page("kiosks/hand.html", status=422 if errors else 200, errors=errors, visit=visit, code=code and shown)


def _own() -> Centre | None:
    """Return the centre of a desk; None for an administrator, who sees all."""
    who = staff()
    if who.role == "desk" and who.centre is None:
        raise NotAllowed
    return who.centre if who.role == "desk" else None


def _page(errors: dict[str, str], status: int = 200, code: str = "") -> ResponseReturnValue:
    own = _own()
    centres = [] if own else Centre.select().where(Centre.active).order_by(Centre.code)
    return page(
        "kiosks/list.html",
        status=status,
        errors=errors,
        code=code,
        form={} if code else request.form,
        own=own,
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in centres],
        rows=list(kiosks_of(own)),
        moment=now(),
        address=url_for("kiosks.start", _external=True),
    )

"""The desk's page of a token's reports: added there for somebody without a phone, and never read there."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, Unavailable
from portal.core.desk import tokens
from portal.core.desk.here import desk
from portal.core.records import held, reading, services
from portal.core.records.held import NOTHING, Basket
from portal.core.records.uploads import limits
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.web.access import actor, allow
from portal.web.forms.once import acted, is_spent, once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import page, see_other

bp = Blueprint("desk_records", __name__)


@bp.get("/desk/tokens/<uid>/records")
@allow("desk")
def listed(uid: str) -> ResponseReturnValue:
    """Say how many reports the token has, and the state of each: no title, no picture."""
    return _page(tokens.visit_of(desk(), uid, on=now()))


@bp.post("/desk/tokens/<uid>/records")
@takes_files
@allow("desk")
def add(uid: str) -> ResponseReturnValue:
    """Add reports while the token is open. Idempotent: a form that is sent twice stores its files once."""
    visit = tokens.visit_of(desk(), uid, on=now())
    if is_spent():
        return _added(visit=visit, basket=NOTHING)
    try:
        basket = held.take_in(desk(), request.files.getlist("records"), (), now=now())
    except Unavailable as error:
        return _page(visit, error.status, error.message)
    return _added(visit=visit, basket=basket)


@once
def _added(visit: Visit, basket: Basket) -> ResponseReturnValue:
    """Add the accepted files and name the refused ones."""
    try:
        refused = services.add_to_visit(visit, basket, by=actor(), now=now())
    except (Invalid, Conflict) as error:
        return _page(visit, error.status, error.message)
    here = url_for("desk_records.listed", uid=visit.uid)
    if not refused:
        return see_other(here)
    if basket.held:
        acted(here)
    return _page(visit, max(one.status for one in refused), basket.problems["records"])


def _page(visit: Visit, status: int = 200, problem: str = "") -> ResponseReturnValue:
    return page(
        "desk/records.html",
        status=status,
        visit=visit,
        records=reading.records_of(visit),
        may_add=visit.state in OPEN,
        errors={"records": problem} if problem else {},
        **limits(),
    )

"""The administrator's pages of doctors' wishes: the list, and one with what it would do."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.doctors.planning import changing, shown, words
from portal.core.doctors.planning import question_views as asking
from portal.core.doctors.planning.effects import effect_of
from portal.core.doctors.wishes import reading, services
from portal.core.doctors.wishes.models import OPEN, STANDING, RosterWish
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, page_number, see_other

bp = Blueprint("wishes", __name__)
bp.app_template_global("open_wishes")(lambda: reading.count_open(now()))  # for the administrator's overview
PAGE = 30
UNSHOWN: dict[str, object] = {"effect": None, "why_not": ""}


@bp.get("/admin/rosters/wishes")
@allow("admin")
def listed() -> ResponseReturnValue:
    """List the wishes that wait, and those that are answered or have lapsed."""
    moment = now()
    waiting = reading.is_standing(moment)
    return page(
        "rosters/wishes.html",
        waiting=list(reading.wishes().where(waiting)),
        listed=page_of(reading.wishes().where(~waiting), page_number(), PAGE),
        moment=moment,
        parts=words.parts(),
    )


@bp.get("/admin/rosters/wishes/<uid>")
@allow("admin")
def show(uid: str) -> ResponseReturnValue:
    """Show what a wish would do to tokens already given, with the answers."""
    return _page(uid, {}, 200)


@bp.post("/admin/rosters/wishes/<uid>/approve")
@allow("admin")
@once
def approve(uid: str) -> ResponseReturnValue:
    """Change the roster as it is wished."""
    try:
        changing.approve_wish(uid, request.form.get("seen", ""), by=actor(), now=now())
    except changing.Stale as error:
        return _page(uid, {"": asking.stale()}, error.status)
    except Conflict as error:
        return _page(uid, {"": str(error)}, error.status)
    return see_other(url_for("wishes.listed"))


@bp.post("/admin/rosters/wishes/<uid>/refuse")
@allow("admin")
@once
def refuse(uid: str) -> ResponseReturnValue:
    """Refuse a wish, with a reason."""
    try:
        services.refuse(uid, request.form.get("reason", ""), by=actor(), now=now())
    except Invalid as error:
        return _page(uid, error.fields, error.status)
    except Conflict as error:
        return _page(uid, {"": str(error)}, error.status)
    return see_other(url_for("wishes.listed"))


def _page(uid: str, errors: dict[str, str], status: int) -> ResponseReturnValue:
    wish: RosterWish | None = reading.wishes().where(RosterWish.uid == uid).first()
    if wish is None:
        raise NotFound
    moment = now()
    state = wish.state_at(moment)
    return page(
        "rosters/wish.html",
        status=status,
        wish=wish,
        errors=errors,
        moment=moment,
        is_standing=state in STANDING,
        parts=words.parts(),
        **(_preview(wish) if state == OPEN else UNSHOWN),
    )


def _preview(wish: RosterWish) -> dict[str, object]:
    """Return what approving would do, or why it cannot be done."""
    try:
        deed = services.deed_of(wish, now())
        effect = effect_of(deed, now())
        changing.require_difference(deed, effect)
    except Conflict as error:
        return UNSHOWN | {"why_not": str(error)}
    return UNSHOWN | asking.shown_effect(deed, effect, shown.names(deed.specialty))

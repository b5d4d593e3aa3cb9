"""What a page asks about its own sign-in: how long it still lives without a click, and a click that keeps it."""

from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.core.accounts import sign_ins
from portal.core.accounts.here import me
from portal.core.accounts.views import bp
from portal.web.access import allow
from portal.web.forms import kept_forms
from portal.web.pages import json_answer


@bp.get("/sign-in")
@allow("anyone")
def sign_in_lasts() -> ResponseReturnValue:
    """Seconds until this sign-in ends if nobody does anything; 0: it is over. Asked in the background."""
    return _answer()


@bp.post("/sign-in")
@allow("anyone")
def stay_signed_in() -> ResponseReturnValue:
    """Somebody is there: being asked for is the sign of life."""
    return _answer()


@bp.post("/kept")
@allow("anyone")
def keep() -> ResponseReturnValue:
    """What stands typed on a page whose sign-in is over: kept for whoever the form was shown to, and no answer."""
    kept_forms.keep_typed()
    return "", 204


def _answer() -> ResponseReturnValue:
    person = me()
    return json_answer({"lasts": sign_ins.lasts(person.row, now()) if person else 0})

"""Requests of pages about their sign-in: seconds until it expires, staying signed in, keeping typed forms."""

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
    """Return the seconds until this sign-in expires, 0 if it has. A background request: no touch."""
    return _answer()


@bp.post("/sign-in")
@allow("anyone")
def stay_signed_in() -> ResponseReturnValue:
    """Stay signed in: as a foreground request it touches the sign-in."""
    return _answer()


@bp.post("/kept")
@allow("anyone")
def keep() -> ResponseReturnValue:
    """Keep what was typed on a page whose sign-in has expired, for whoever the form was shown to."""
    kept_forms.keep_typed()
    return "", 204


def _answer() -> ResponseReturnValue:
    person = me()
    return json_answer({"lasts": sign_ins.lasts(person.row, now()) if person else 0})

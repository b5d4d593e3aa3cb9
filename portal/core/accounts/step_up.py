"""Deeds that one moment at an unlocked screen must not be enough for: the second factor was proven minutes ago (S56).

A POST that comes too late is kept as it was typed; the code is asked on a page of its own, which leads back to the
filled form. Where leaving the page would end a call, the form itself asks.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import SKEW, now
from portal.base.errors import Invalid, NotAllowed
from portal.base.language import gettext as _
from portal.core.accounts import services
from portal.core.accounts.door_views import begin_session, device_of
from portal.core.accounts.here import me, signed_in
from portal.settings.clinic import SignInRules
from portal.web.forms import kept_forms
from portal.web.pages import is_fragment_request, wants_json

FIELD = "step_up_code"
IN_A_DEMONSTRATION = timedelta(hours=12)  # contract.md
View = Callable[..., ResponseReturnValue]
Again = Callable[..., ResponseReturnValue]


def init_step_up(app: Flask) -> None:
    """Let forms ask for the code themselves when it is due."""
    app.jinja_env.globals.update(is_step_up_due=is_due)


def is_due() -> bool:
    """Has this member of staff to prove the second factor once more before a deed?"""
    person = me()
    if person is None or person.staff is None:
        return False
    is_demo = current_app.config["PORTAL"].demo
    lasts = IN_A_DEMONSTRATION if is_demo else timedelta(minutes=SignInRules.in_force().step_up_minutes)
    return not -SKEW <= now() - person.row.stepped_up_at <= lasts


def stepped_up(
    page: str, *, again: Again | None = None, when: Callable[..., bool] | None = None
) -> Callable[[View], View]:
    """Guard the POST of a view. `page`: the endpoint that shows its form, with the same arguments as the view.
    `when`: of these arguments alone it depends whether the deed is one.

    `again` shows the form once more, with what was typed and what is wrong with the code; it is asked where htmx sent
    the form, so that the page is not left.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def wrapped(**arguments: Any) -> ResponseReturnValue:
            is_deed = request.method == "POST" and (when is None or when(**arguments))
            if not is_deed or not is_due():
                return view(**arguments)
            if again is None or not is_fragment_request():
                return to_confirm(url_for(page, **arguments))
            try:
                prove(request.form.get(FIELD, ""))
            except Invalid as error:
                return again(**arguments, errors={FIELD: error.fields["code"]})
            return view(**arguments)

        wrapped.needs_step_up = True  # type: ignore[attr-defined]
        return wrapped

    return declare


def to_confirm(back: str) -> Response:
    """Keep what was typed, and ask for the code; then back to the form."""
    if wants_json():
        raise NotAllowed(_("Prove your second factor once more before this: /staff/confirm."))
    target = f"/staff/confirm?next={quote(kept_forms.keep_typed() or back, safe='/')}"
    if not is_fragment_request():
        return make_response(redirect(target, 303))
    response = make_response("", 403)
    response.headers["HX-Redirect"] = target
    return response


def prove(code: str) -> None:
    """The second factor once more: the sign-in goes on under a new key. Raises Invalid on `code`, or TooMany.

    The token of forms stays: this person's other windows, with what is typed there, are still good.
    """
    person = signed_in()
    if not code.strip():
        raise Invalid({"code": _("Type the code that your app shows now, or one of your codes on paper.")})
    renewed = services.step_up(person, code, device=device_of(services.known_as(person)), now=now())
    stays = {name: session[name] for name in ("csrf_token",) if name in session}
    begin_session(renewed)
    session.update(stays)

"""Step-up authentication: guarded actions require a second factor proven minutes ago (S56).

A POST without it is kept as typed; the code is asked on a page of its own, which leads back to the filled form.
Where leaving the page would end a call, the form itself asks.
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
from portal.core.accounts.browser_views import begin_session, device_of
from portal.core.accounts.here import me, signed_in
from portal.core.accounts.passkeys import asking
from portal.settings.sign_in import SignInRules
from portal.web.forms import kept_forms
from portal.web.pages import is_fragment_request, wants_json

FIELD = "step_up_code"
IN_A_DEMONSTRATION = timedelta(hours=12)  # contract.md
View = Callable[..., ResponseReturnValue]
Again = Callable[..., ResponseReturnValue]


def init_step_up(app: Flask) -> None:
    """Expose `is_step_up_due` to templates, for forms that ask for the code themselves."""
    app.jinja_env.globals.update(is_step_up_due=is_due)


def is_due() -> bool:
    """Must this member of staff prove the second factor again before a guarded action?"""
    person = me()
    if person is None or person.staff is None:
        return False
    is_demo = current_app.config["PORTAL"].demo
    lasts = IN_A_DEMONSTRATION if is_demo else timedelta(minutes=SignInRules.in_force().step_up_minutes)
    return not -SKEW <= now() - person.row.stepped_up_at <= lasts


def stepped_up(
    page: str, *, again: Again | None = None, when: Callable[..., bool] | None = None
) -> Callable[[View], View]:
    """Guard the POST of a view by a step-up. `page`: the endpoint of its form, with the view's arguments.
    `when`: tells from these arguments whether the POST is guarded.

    `again` shows the form again with what was typed and the error of the code; used for htmx requests, so that the
    page is not left.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def wrapped(**arguments: Any) -> ResponseReturnValue:
            is_guarded = request.method == "POST" and (when is None or when(**arguments))
            if not is_guarded or not is_due():
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
    """Keep what was typed and redirect to the step-up page, which leads back to the form."""
    if wants_json():
        raise NotAllowed(_("Prove your second factor once more before this: /staff/confirm."))
    target = f"/staff/confirm?next={quote(kept_forms.keep_typed() or back, safe='/')}"
    if not is_fragment_request():
        return make_response(redirect(target, 303))
    response = make_response("", 403)
    response.headers["HX-Redirect"] = target
    return response


def prove(code: str, passkey: str = "") -> None:
    """Check a code, or what a passkey signed, and renew the sign-in's key. Raises Invalid on `code`, or TooMany.

    The CSRF token stays, so that forms in this person's other windows remain valid.
    """
    person = signed_in()
    if not (code.strip() or passkey):
        raise Invalid({"code": _("Type the code that your app shows now, or one of your codes on paper.")})
    device = device_of(services.known_as(person))
    renewed = services.step_up(person, lambda staff: asking.prove(staff, code, passkey, device), now=now())
    stays = {name: session[name] for name in ("csrf_token",) if name in session}
    begin_session(renewed)
    session.update(stays)

"""Pages of signing in by mobile and OTP, and of signing out. Staff sign in at staff_views."""

from flask import Blueprint, Response, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from portal.base import mobile as mobiles
from portal.base.clock import now
from portal.base.errors import Invalid, OutOfService
from portal.base.keys import random_uid
from portal.base.language import current
from portal.base.language import gettext as _
from portal.base.roles import ROLES
from portal.core.accounts import services, sign_ins
from portal.core.accounts.browser_views import device_of, request_code, sign_in_browser
from portal.core.accounts.here import me
from portal.core.accounts.opening import not_open_yet
from portal.plugin_host.fallbacks import can_send
from portal.plugin_host.registry import registry
from portal.settings.clinic import PageWords
from portal.settings.sign_in import SignInRules
from portal.web.access import allow, client_address, is_for, is_for_staff, only_visit, was_staff, why_out
from portal.web.kiosk import kiosk_key
from portal.web.pages import own_path, page, see_other

bp = Blueprint("accounts", __name__)  # shared by all pages of signing in
SENDER_SECONDS = 600  # a person has to switch a sender on


@bp.route("/login", methods=["GET", "POST"])
@allow("anyone")
def login() -> ResponseReturnValue:
    """Ask for the mobile number. Every valid number gets the same answer."""
    person = me()
    errors, target = {}, own_path(request.values.get("next", ""), "/home")
    if person and request.method == "GET" and not only_visit():
        return see_other(target if is_for(target, person.role) else ROLES[person.role].home)
    if request.method == "GET" and (is_for_staff(target) or ("next" in request.args and was_staff())):
        return see_other(url_for("accounts.staff_login", next=target))
    if not can_send(registry()):
        return _closed(target)
    if request.method == "POST":
        try:
            _send_code(mobiles.normalise(request.form.get("mobile", "")), target)
            return see_other(url_for("accounts.enter_code"))
        except ValueError as reason:
            errors = {"mobile": str(reason)}
    return page(
        "accounts/login.html",
        status=422 if errors else 200,
        errors=errors,
        why=why_out(),
        mobile=request.form.get("mobile", ""),
        target=target,
        is_closed=False,
        not_open=not_open_yet(),
    )


@bp.route("/login/otp", methods=["GET", "POST"])
@allow("anyone")
def enter_code() -> ResponseReturnValue:
    """Ask for the code, in the browser that requested it (S18)."""
    challenge = session.get("otp")
    if not isinstance(challenge, dict):
        return see_other(url_for("accounts.login"))
    if "resend" in request.form:
        return _resend(challenge)
    errors = {}
    if request.method == "POST":
        try:
            return _enter(challenge)
        except Invalid as error:
            errors = error.fields
    limits = SignInRules.in_force()
    return page(
        "accounts/otp.html", status=422 if errors else 200, errors=errors, mobile=challenge["mobile"], limits=limits
    )


@bp.post("/logout")
@allow("anyone")
def logout() -> ResponseReturnValue:
    """End the sign-in on the server, and clear the browser's data (S27, S35)."""
    person = me()
    if person:
        sign_ins.end(person, now=now())
    logout_user()
    session.clear()
    response = see_other("/kiosk" if kiosk_key() else "/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _closed(target: str) -> Response:
    """Show the page without a form, as no SMS sender is on; staff still find their link."""
    answer = page(
        "accounts/login.html",
        status=OutOfService.status,
        is_closed=True,
        not_open=not_open_yet(),
        why=why_out(),
        target=target,
    )
    answer.headers["Retry-After"] = str(SENDER_SECONDS)
    return answer


def _require_sender() -> None:
    """Raise OutOfService with the helpline unless an SMS sender is on."""
    if not can_send(registry()):
        helpline = PageWords.in_force().helpline
        sentence = _("OTPs cannot be sent at the moment. Please call the helpline %(number)s.", number=helpline)
        raise OutOfService(sentence, retry_after=SENDER_SECONDS)


def _send_code(mobile: str, target: str) -> None:
    """Request a code. When rate-limited, the code sent before stays valid in this browser."""
    uid = request_code(mobile)
    before = session.get("otp", {})
    kept = before["uid"] if before.get("mobile") == mobile else random_uid()
    session["otp"] = {"uid": uid or kept, "mobile": mobile, "next": target}


def _resend(challenge: dict[str, str]) -> Response:
    _require_sender()
    _send_code(challenge["mobile"], challenge["next"])
    flash(_("If this number can receive messages, a new OTP is on its way."), "info")
    return see_other(url_for("accounts.enter_code"))


def _enter(challenge: dict[str, str]) -> Response:
    person = services.sign_in_by_code(
        challenge["uid"],
        request.form.get("otp", ""),
        client_address(),
        device=device_of(challenge["mobile"]),
        language=current(),
        now=now(),
    )
    return sign_in_browser(person, challenge["next"])

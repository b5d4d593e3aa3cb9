"""Signing in and out."""

from flask import Blueprint, Response, current_app, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from portal.core import settings
from portal.core.accounts import devices, otp, services, sign_ins
from portal.core.accounts import mobile as mobiles
from portal.core.accounts.models import Staff
from portal.core.accounts.sign_ins import SignedIn
from portal.core.clock import now
from portal.core.errors import Invalid, OutOfService
from portal.core.keys import random_uid
from portal.core.language import current
from portal.core.language import gettext as _
from portal.fallbacks import can_send
from portal.plugins import registry
from portal.web.access import allow, client_address, is_for_staff, me
from portal.web.next_page import own_path
from portal.web.pages import page, see_other

bp = Blueprint("accounts", __name__)
LOOPBACK = {"127.0.0.1", "::1"}
CODE_SECONDS = 300  # to find the telephone with the authenticator app
FIRST_PAGE = {
    "medical_officer": "/referrals", "doctor": "/board", "pharmacist": "/dispense", "admin": "/admin",
    "auditor": "/admin/audit", "desk": "/desk", "beneficiary": "/home",
}  # fmt: skip


@bp.route("/login", methods=["GET", "POST"])
@allow("anyone")
def login() -> ResponseReturnValue:
    """The mobile number. Every valid number gets the same answer."""
    person = me()
    if person and request.method == "GET":
        return see_other(FIRST_PAGE[person.role])
    errors, target = {}, own_path(request.values.get("next", ""), "/home")
    if request.method == "GET" and is_for_staff(target):
        return see_other(url_for("accounts.staff_login"))
    _require_sender()
    if request.method == "POST":
        try:
            _send_code(mobiles.normalise(request.form.get("mobile", "")), target)
            return see_other(url_for("accounts.enter_code"))
        except ValueError as reason:
            errors = {"mobile": str(reason)}
    return page("accounts/login.html", status=422 if errors else 200, errors=errors,
                mobile=request.form.get("mobile", ""), target=target)  # fmt: skip


@bp.route("/login/otp", methods=["GET", "POST"])
@allow("anyone")
def enter_code() -> ResponseReturnValue:
    """The code, in the browser that asked for it (S18)."""
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
    limits = {key: settings.number(key) for key in ("otp_minutes", "otp_gap_seconds", "otp_per_hour")}
    return page("accounts/otp.html", status=422 if errors else 200, errors=errors, mobile=challenge["mobile"],
                limits=limits)  # fmt: skip


@bp.post("/logout")
@allow("anyone")
def logout() -> ResponseReturnValue:
    """End the sign-in on the server, and leave nothing in the browser (S27, S35)."""
    person = me()
    if person:
        sign_ins.end(person, now=now())
    logout_user()
    session.clear()
    response = see_other("/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.route("/staff/login", methods=["GET", "POST"])
@allow("anyone")
def staff_login() -> ResponseReturnValue:
    """User name and password, then a code where a second factor is set."""
    errors, waiting = {}, _half_signed_in()
    if request.method == "POST":
        try:
            return _staff_step(waiting)
        except Invalid as error:
            errors = error.fields
    return page("accounts/staff_login.html", status=422 if errors else 200, errors=errors,
                username=request.form.get("username", ""), wants_code=waiting is not None)  # fmt: skip


def _require_sender() -> None:
    """Without a sender nobody gets a code: say so, and whom to call."""
    if not can_send(registry()):
        helpline = settings.get("helpline")
        sentence = _("OTPs cannot be sent at the moment. Please call the helpline %(number)s.", number=helpline)
        raise OutOfService(sentence, retry_after=600)


def _send_code(mobile: str, target: str) -> None:
    """Ask for a code. When the number has had enough, the code sent before goes on being good in this browser."""
    config, address = current_app.config["PORTAL"], client_address()
    uid = otp.ask(
        mobile, address, device=devices.device_of(mobile, request.cookies.get(_device_cookie(), "")),
        language=current(), now=now(), free_of_limits=not config.demo_limits and address in LOOPBACK,
    )  # fmt: skip
    before = session.get("otp", {})
    kept = before["uid"] if before.get("mobile") == mobile else random_uid()
    session["otp"] = {"uid": uid or kept, "mobile": mobile, "next": target}


def _resend(challenge: dict[str, str]) -> Response:
    _require_sender()
    _send_code(challenge["mobile"], challenge["next"])
    flash(_("If this number can receive messages, a new OTP is on its way."), "info")
    return see_other(url_for("accounts.enter_code"))


def _enter(challenge: dict[str, str]) -> Response:
    mobile = otp.prove(challenge["uid"], request.form.get("otp", ""), client_address(), now=now())
    _begin(services.sign_in_account(mobile, language=current(), now=now()))
    return _remember_device(see_other(own_path(challenge["next"], "/home")), mobile)


def _remember_device(response: Response, mobile: str) -> Response:
    name = _device_cookie()
    value = devices.remember(mobile, request.cookies.get(name, ""))
    secure = current_app.config["PORTAL"].is_https
    response.set_cookie(name, value, devices.KEPT_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response


def _device_cookie() -> str:
    return "__Host-device" if current_app.config["PORTAL"].is_https else "device"


def _staff_step(waiting: Staff | None) -> Response:
    form = request.form
    if "again" in form:
        session.pop("half", None)
        return see_other(url_for("accounts.staff_login"))
    if waiting is not None and "code" in form:
        services.check_code(waiting, form["code"], now=now())
        return _staff_in(waiting)
    staff = services.check_password(
        form.get("username", "").strip(), form.get("password", ""), client_address(), now=now()
    )
    if staff.totp_secret:
        session["half"] = {"staff": staff.uid, "until": now().timestamp() + CODE_SECONDS}
        return see_other(url_for("accounts.staff_login"))
    return _staff_in(staff)


def _staff_in(staff: Staff) -> Response:
    _begin(services.sign_in_staff(staff, now=now()))
    return see_other(FIRST_PAGE[staff.role])


def _half_signed_in() -> Staff | None:
    half = session.get("half")
    if not isinstance(half, dict) or half["until"] < now().timestamp():
        return None
    return Staff.get_or_none((Staff.uid == half["staff"]) & Staff.disabled_at.is_null())


def _begin(signed_in: SignedIn) -> None:
    """A new session for the signed-in (S26): nothing of the stranger's goes along."""
    session.clear()
    login_user(signed_in)

"""Signing in and out."""

from flask import Blueprint, Response, current_app, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from portal.core import settings
from portal.core.accounts import mobile as mobiles
from portal.core.accounts import otp, services, sign_ins
from portal.core.accounts.models import Account, Staff
from portal.core.clock import now
from portal.core.errors import Invalid, Unavailable
from portal.core.language import current
from portal.core.language import gettext as _
from portal.fallbacks import can_send
from portal.plugins import registry
from portal.web.access import allow, client_address, me
from portal.web.next_page import own_path
from portal.web.pages import page, see_other

bp = Blueprint("accounts", __name__)
FIRST_PAGE = {
    "medical_officer": "/referrals", "doctor": "/board", "pharmacist": "/dispense", "admin": "/admin",
    "auditor": "/admin/audit", "desk": "/desk", "beneficiary": "/home",
}  # fmt: skip


@bp.route("/login", methods=["GET", "POST"])
@allow("anyone")
def login() -> ResponseReturnValue:
    """The mobile number. Every valid number gets the same answer."""
    if not can_send(registry()):
        raise Unavailable(_("Nobody can be sent an OTP at the moment. Please call the helpline."), retry_after=600)
    person = me()
    if person and request.method == "GET":
        return see_other(FIRST_PAGE[person.role])
    errors, target = {}, own_path(request.values.get("next", ""), "/home")
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
    errors = {}
    if request.method == "POST" and "resend" in request.form:
        _send_code(challenge["mobile"], challenge["next"])
        return see_other(url_for("accounts.enter_code"))
    if request.method == "POST":
        try:
            proven = otp.prove(challenge["uid"], request.form.get("otp", ""), now=now())
            _begin(services.account_of(proven, language=current(), now=now()))
            return see_other(own_path(challenge["next"], "/home"))
        except Invalid as error:
            errors = error.fields
    return page("accounts/otp.html", status=422 if errors else 200, errors=errors, mobile=challenge["mobile"],
                minutes=settings.number("otp_minutes"))  # fmt: skip


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
    """User name and password, then a code where one is set."""
    errors, waiting = {}, _half_signed_in()
    if request.method == "POST":
        try:
            return _staff_step(waiting)
        except Invalid as error:
            errors = error.fields
    return page("accounts/staff_login.html", status=422 if errors else 200, errors=errors,
                username=request.form.get("username", ""), wants_code=waiting is not None)  # fmt: skip


def _staff_step(waiting: Staff | None) -> Response:
    form = request.form
    if waiting is not None and "code" in form:
        services.check_code(waiting, form["code"], now=now())
        return _staff_in(waiting)
    staff = services.check_password(
        form.get("username", "").strip(), form.get("password", ""), client_address(), now=now()
    )
    if staff.totp_secret:
        session["half"] = {"staff": staff.uid, "until": now().timestamp() + 300}
        return see_other(url_for("accounts.staff_login"))
    return _staff_in(staff)


def _staff_in(staff: Staff) -> Response:
    _begin(staff)
    return see_other(FIRST_PAGE[staff.role])


def _half_signed_in() -> Staff | None:
    half = session.get("half")
    if not isinstance(half, dict) or half["until"] < now().timestamp():
        return None
    return Staff.get_or_none((Staff.uid == half["staff"]) & Staff.disabled_at.is_null())


def _send_code(mobile: str, target: str) -> None:
    config, address = current_app.config["PORTAL"], client_address()
    is_free = not config.demo_limits and address in {"127.0.0.1", "::1"}
    uid = otp.ask(mobile, address, language=current(), now=now(), free_of_limits=is_free)
    session["otp"] = {"uid": uid, "mobile": mobile, "next": target}


def _begin(person: Account | Staff) -> None:
    """A new session for the signed-in (S26): nothing of the stranger's goes along."""
    session.clear()
    account = person if isinstance(person, Account) else None
    staff = person if isinstance(person, Staff) else None
    login_user(sign_ins.start(account=account, staff=staff, now=now()))

"""The sign-in pages of staff: password, then the second factor; a password chosen by a code; and the step-up page."""

from flask import Response, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import SKEW, now
from portal.base.errors import Invalid
from portal.base.roles import ROLES
from portal.core.accounts import services, step_up
from portal.core.accounts import staff as people
from portal.core.accounts.browser_views import device_of, sign_in_browser
from portal.core.accounts.here import signed_in, staff
from portal.core.accounts.models import Staff
from portal.core.accounts.passkeys import asking
from portal.core.accounts.views import bp
from portal.plugin_host.fallbacks import sign_in_ways
from portal.plugin_host.registry import registry
from portal.web.access import STAFF, allow, client_address, why_out
from portal.web.pages import own_path, page, see_other

CODE_SECONDS = 300  # time to find the telephone


@bp.route("/staff/login", methods=["GET", "POST"])
@allow("anyone")
def staff_login() -> ResponseReturnValue:
    """Sign in by user name and password, then by a code where a second factor is set."""
    errors, waiting = {}, _half_signed_in()
    target = own_path(request.values.get("next", ""), "")
    if request.method == "POST":
        try:
            return _step(waiting, target)
        except Invalid as error:
            errors = error.fields
    return page(
        "accounts/staff_login.html",
        status=422 if errors else 200,
        errors=errors,
        why=why_out(),
        target=target,
        username=request.form.get("username", ""),
        wants_code=waiting is not None,
        passkey=asking.ask(waiting) if waiting else "",
        ways=sign_in_ways(registry()),
    )


@bp.route("/staff/choose-password", methods=["GET", "POST"])
@allow("anyone")
def choose_password() -> ResponseReturnValue:
    """Choose a password, after a one-time code and, where it is set, the second factor."""
    staff, errors = _half_signed_in("choosing"), {}
    target = own_path(request.values.get("next", ""), "")
    if staff is None or not staff.choose_until:
        return see_other(url_for("accounts.staff_login"))
    if request.method == "POST":
        form = request.form
        try:
            people.choose_password(staff, form.get("password", ""), form.get("again", ""), now=now())
            return sign_in_browser(services.sign_in_staff(staff, now=now()), target)
        except Invalid as error:
            errors = error.fields
    return page(
        "accounts/password.html",
        status=422 if errors else 200,
        errors=errors,
        target=target,
        person=staff,
        is_own=False,
    )


@bp.route("/staff/confirm", methods=["GET", "POST"])
@allow(*STAFF)
def confirm() -> ResponseReturnValue:
    """Step up: prove the second factor again before a guarded action."""
    errors: dict[str, str] = {}
    target = own_path(request.values.get("next", ""), ROLES[signed_in().role].home)
    if request.method == "GET" and not step_up.is_due():
        return see_other(target)
    if request.method == "POST":
        try:
            step_up.prove(request.form.get("code", ""), request.form.get("passkey", ""))
            return see_other(target)
        except Invalid as error:
            errors = error.fields
    return page(
        "accounts/confirm.html",
        status=422 if errors else 200,
        errors=errors,
        target=target,
        passkey=asking.ask(staff()),
    )


def _step(waiting: Staff | None, target: str) -> Response:
    form = request.form
    if "again" in form:
        session.pop("half", None)
        return see_other(url_for("accounts.staff_login"))
    if waiting is not None and "code" in form:
        asking.prove(waiting, form["code"], form.get("passkey", ""), device_of(f"staff:{waiting.username}"))
        return _in(waiting, target)
    username = form.get("username", "").strip()
    device = device_of(f"staff:{services.name_of(username)}")
    staff = services.check_password(username, form.get("password", ""), client_address(), device=device, now=now())
    if staff.totp_secret:
        session["half"] = half_of(staff)
        return see_other(url_for("accounts.staff_login", next=target or None))
    return _in(staff, target)


def _in(staff: Staff, target: str) -> Response:
    if staff.choose_until:
        session.pop("half", None)
        session["choosing"] = half_of(staff)
        return see_other(url_for("accounts.choose_password", next=target or None))
    return sign_in_browser(services.sign_in_staff(staff, now=now()), target)


def half_of(staff: Staff) -> dict[str, object]:
    """Return what the session keeps of somebody who still has to give a code."""
    return {"staff": staff.uid, "until": now().timestamp() + CODE_SECONDS}


def _half_signed_in(step: str = "half") -> Staff | None:
    half = session.get(step)
    left = half["until"] - now().timestamp() if isinstance(half, dict) else 0
    if half is None or not 0 <= left <= CODE_SECONDS + SKEW.total_seconds():
        return None
    return Staff.get_or_none((Staff.uid == half["staff"]) & Staff.disabled_at.is_null())

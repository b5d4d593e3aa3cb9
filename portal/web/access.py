"""Who may call what: every view says it, one place enforces it, tests/access.toml repeats it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException

from portal.base.clock import now
from portal.base.errors import NotAllowed, Unavailable
from portal.core.accounts import sign_ins
from portal.core.accounts.sign_ins import SignedIn
from portal.web.forms import kept_forms
from portal.web.next_page import own_path
from portal.web.pages import wants_json
from portal.work import audit
from portal.work.audit import NOBODY, Actor

STAFF = ("medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor")
ROLES = ("anyone", "beneficiary", "medical_officer", "doctor", "pharmacist", "desk", "admin", "auditor", "machine")
SETS_UP_FACTOR = {"accounts.second_factor", "accounts.recovery_codes"}
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address all day


def init_access(app: Flask) -> None:
    """Load who is signed in, and stop whoever may not call the view."""
    login_manager.init_app(app)
    app.before_request(enforce)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_signed_in(key: str) -> SignedIn | None:
    """The person behind a cookie; polls in the background do not keep anybody signed in (S28)."""
    moment: datetime = now()
    return sign_ins.find(key, now=moment, background=_is_background())


def allow(*roles: str) -> Callable[[View], View]:
    """Declare the roles that may call this view."""
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"unknown roles {unknown}")

    def declare(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def roles_of(app: Flask, endpoint: str) -> frozenset[str]:
    """The declared roles of an endpoint; static files are anyone's, an undeclared view is nobody's."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return frozenset({"anyone"})
    return cast(frozenset[str], getattr(app.view_functions[endpoint], "roles", frozenset()))


def is_for_staff(path: str) -> bool:
    """Is this the address of a page that only members of staff may open?"""
    roles = page_roles(path)
    return bool(roles) and not roles & {"anyone", "machine", "beneficiary"}


def is_for(path: str, role: str) -> bool:
    """Is this no page that a person of this role may not open? Where nothing is, everybody finds nothing."""
    roles = page_roles(path)
    return not roles or bool(roles & {"anyone", role})


def page_roles(path: str) -> frozenset[str]:
    """Who may open the page of an address; nobody where there is none."""
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(path.partition("?")[0], method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return frozenset()
    return roles_of(current_app, endpoint)


def enforce() -> ResponseReturnValue | None:
    """Before every request: 303 or 401 for strangers, 403 for the wrong role."""
    if request.endpoint is None:
        return None
    roles = roles_of(current_app, request.endpoint)
    if roles & {"anyone", "machine"}:
        return None
    person = me()
    if person is None:
        return to_sign_in()
    if person.role not in roles:
        audit.note("Refused", request.endpoint[:40], by=person.actor, now=now(), status=403)
        raise NotAllowed
    return second_factor_first(person)


def to_sign_in() -> Response:
    """Send a stranger to the sign-in page; htmx gets a header, as a redirect would be swapped into the page.

    What was typed into a form is kept, and signing in leads back to its page. A poll that crossed a step-up asks again.
    """
    if _is_background() and sign_ins.is_renewed(session.get("_user_id", ""), now=now()):
        if request.headers.get("HX-Request") == "true":
            return make_response("", 204)
        raise Unavailable(retry_after=1)
    path = kept_forms.keep_typed() or _page_asked_for()
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = f"/login?next={quote(path, safe='/')}" if path else "/login"
        return response
    return make_response(redirect(f"/login?next={quote(path or '/home', safe='/')}", 303))


def _is_background() -> bool:
    return request.headers.get("X-Background") == "1" or request.path.startswith("/live/")


def _page_asked_for() -> str:
    """The page that a stranger wants, or that htmx asks from; nothing when only a form without a page is known."""
    if request.headers.get("HX-Request") == "true":
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        return own_path(f"{here.path}?{here.query}".rstrip("?"), "")
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def was_staff() -> bool:
    """Did a member of staff sign in in this browser before? Good to show the right door, never to open it."""
    key = session.get("_user_id", "")
    return bool(key) and sign_ins.was_staff(key)


def second_factor_first(person: SignedIn) -> ResponseReturnValue | None:
    """Staff without a second factor get nothing but the page that sets one up (S25); a demonstration has none."""
    is_missing = person.staff is not None and not person.staff.totp_secret
    if not is_missing or current_app.config["PORTAL"].demo or request.endpoint in SETS_UP_FACTOR:
        return None
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 403)
        response.headers["HX-Redirect"] = "/staff/second-factor"
        return response
    if request.method != "GET" or wants_json():
        raise NotAllowed
    return make_response(redirect("/staff/second-factor", 303))


def why_out() -> str:
    """Why the sign-in that this browser had is over, for the page where one signs in again."""
    key = session.get("_user_id")
    return sign_ins.why_over(key, now=now()) if key and me() is None else ""


def me() -> SignedIn | None:
    """Who is signed in, or None."""
    return current_user if current_user.is_authenticated else None


def signed_in() -> SignedIn:
    """Who is signed in, in a view that only the signed-in reach."""
    person = me()
    if person is None:
        raise NotAllowed
    return person


def actor() -> Actor:
    """Who acts, for events and audit."""
    person = me()
    return person.actor if person else NOBODY


def client_address() -> str:
    """The caller's address; ProxyFix has already been applied where a proxy is configured."""
    return request.remote_addr or ""

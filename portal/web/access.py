"""Who may call what: every view says it, one place enforces it, tests/access.toml repeats it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException

from portal.base.clock import now
from portal.base.errors import NotAllowed, Unavailable
from portal.base.roles import OTHERS, ROLES, staff_roles
from portal.web.forms import kept_forms
from portal.web.pages import own_path, wants_json
from portal.work import audit
from portal.work.audit import NOBODY, Actor

STAFF = tuple(staff_roles())
SETS_UP_FACTOR = {"accounts.second_factor", "accounts.recovery_codes"}
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Person(Protocol):
    """Who is signed in, as far as HTTP needs to know; accounts know more (`portal.core.accounts.here`)."""

    @property
    def role(self) -> str:
        """A key of the catalogue of roles."""

    @property
    def actor(self) -> Actor:
        """This person as events and audit name them."""

    @property
    def display_name(self) -> str:
        """What the page's top bar shows."""

    @property
    def language(self) -> str:
        """The language this person chose once."""

    @property
    def lacks_factor(self) -> bool:
        """A member of staff who has no second factor yet."""

    @property
    def ticket_name(self) -> str:
        """The name of this sign-in in tickets of live pages."""

    @property
    def ends_at(self) -> datetime:
        """When the sign-in ends, whatever is done."""


class SignIns(Protocol):
    """Where signed-in browsers are kept: `portal.core.accounts.sign_ins`."""

    def find(self, key: str, *, now: datetime, background: bool = False) -> Person | None:
        """The living sign-in of a cookie's key."""

    def was_staff(self, key: str) -> bool:
        """Was it one of a member of staff, also when it is over?"""

    def is_renewed(self, key: str, *, now: datetime) -> bool:
        """Has the sign-in of this key another one since a moment ago?"""

    def is_known(self, key: str, *, now: datetime) -> bool:
        """Is it a sign-in that lives, or ended a while ago?"""

    def why_over(self, key: str, *, now: datetime) -> str:
        """Why it is over: `idle`, `long`, `ended`, or nothing known."""


login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address all day


def init_access(app: Flask, kept_in: SignIns) -> None:
    """Load who is signed in, and stop whoever may not call the view."""
    app.extensions["portal.sign_ins"] = kept_in
    login_manager.init_app(app)
    app.before_request(enforce)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_signed_in(key: str) -> Person | None:
    """The person behind a cookie; polls in the background do not keep anybody signed in (S28)."""
    moment: datetime = now()
    return _sign_ins().find(key, now=moment, background=_is_background())


def allow(*roles: str) -> Callable[[View], View]:
    """Declare the roles that may call this view."""
    if unknown := set(roles) - {*ROLES, *OTHERS}:
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
    found = me()
    if found is None:
        return to_sign_in()
    if found.role not in roles:
        audit.note("Refused", request.endpoint[:40], by=found.actor, now=now(), status=403)
        raise NotAllowed
    return second_factor_first(found)


def to_sign_in() -> Response:
    """Send a stranger to the sign-in page; htmx gets a header, as a redirect would be swapped into the page.

    What was typed into a form is kept, and signing in leads back to its page. A poll that crossed a step-up asks again.
    """
    if _is_background() and _sign_ins().is_renewed(session.get("_user_id", ""), now=now()):
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
    return bool(key) and _sign_ins().was_staff(key)


def second_factor_first(person: Person) -> ResponseReturnValue | None:
    """Staff without a second factor get nothing but the page that sets one up (S25); a demonstration has none."""
    if not must_set_factor(person) or request.endpoint in SETS_UP_FACTOR:
        return None
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 403)
        response.headers["HX-Redirect"] = "/staff/second-factor"
        return response
    if request.method != "GET" or wants_json():
        raise NotAllowed
    return make_response(redirect("/staff/second-factor", 303))


def must_set_factor(person: Person) -> bool:
    """Does nothing open to this person yet but the page that sets the second factor up?"""
    return person.lacks_factor and not current_app.config["PORTAL"].demo


def why_out() -> str:
    """Why the sign-in that this browser had is over, for the page where one signs in again."""
    key = session.get("_user_id")
    return _sign_ins().why_over(key, now=now()) if key and me() is None else ""


def me() -> Person | None:
    """Who is signed in, or None."""
    return current_user if current_user.is_authenticated else None


def person() -> Person:
    """Who is signed in, in a view that only the signed-in reach."""
    found = me()
    if found is None:
        raise NotAllowed
    return found


def actor() -> Actor:
    """Who acts, for events and audit."""
    found = me()
    return found.actor if found else NOBODY


def client_address() -> str:
    """The caller's address; ProxyFix has already been applied where a proxy is configured."""
    return request.remote_addr or ""


def sign_ins(app: Flask) -> SignIns:
    """Where this application keeps its sign-ins."""
    return cast(SignIns, app.extensions["portal.sign_ins"])


def _sign_ins() -> SignIns:
    return sign_ins(current_app)

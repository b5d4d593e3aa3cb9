"""Authentication and permissions: views declare roles, one place enforces them, tests/access.toml repeats them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar, cast
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException

from portal.base.clock import now
from portal.base.errors import NotAllowed, Unavailable
from portal.base.language import gettext as _
from portal.base.roles import OTHERS, ROLES, staff_roles
from portal.web.forms import kept_forms
from portal.web.kiosk import kiosk_key
from portal.web.pages import own_path, see_other, wants_json
from portal.work import audit
from portal.work.audit import NOBODY, Actor

STAFF = tuple(staff_roles())
SETS_UP_FACTOR = {"accounts.second_factor", "accounts.recovery_codes"}
ONLY = "only_visit"  # in the cookie, which is sealed
STILL = "/kiosk/still"
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Person(Protocol):
    """The signed-in person as HTTP needs it; `portal.core.accounts.here` gives the account."""

    @property
    def role(self) -> str:
        """A key of the catalogue of roles."""

    @property
    def actor(self) -> Actor:
        """The actor for events and audit."""

    @property
    def display_name(self) -> str:
        """Name for the page's top bar."""

    @property
    def language(self) -> str:
        """The language stored with the account."""

    @property
    def lacks_factor(self) -> bool:
        """Is this a member of staff without a second factor?"""

    @property
    def ticket_name(self) -> str:
        """Identifies this sign-in in the tickets of live pages."""

    @property
    def ends_at(self) -> datetime:
        """Absolute expiry of the sign-in."""


class SignIns(Protocol):
    """The store of sign-ins: `portal.core.accounts.sign_ins`."""

    def find(self, key: str, *, now: datetime, background: bool = False, kiosk: str = "") -> Person | None:
        """Find the unexpired sign-in of a session cookie's key, begun at this kiosk if any.

        `background` requests do not extend it.
        """

    def was_staff(self, key: str) -> bool:
        """Was it a staff sign-in, also if expired?"""

    def is_renewed(self, key: str, *, now: datetime) -> bool:
        """Was this key replaced by another one just now (step-up)?"""

    def is_known(self, key: str, *, now: datetime) -> bool:
        """Is it a sign-in that is valid, or expired recently?"""

    def why_over(self, key: str, *, now: datetime) -> str:
        """Why it expired: `idle`, `long`, `ended`, or "" if unknown."""


login_manager = LoginManager()
login_manager.session_protection = None  # a phone's IP address changes all day


def init_access(app: Flask, kept_in: SignIns) -> None:
    """Set up authentication and enforce permissions before every request."""
    app.extensions["portal.sign_ins"] = kept_in
    login_manager.init_app(app)
    app.before_request(enforce)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_signed_in(key: str) -> Person | None:
    """Load the person of a session cookie; background polls do not extend the sign-in (S28)."""
    moment: datetime = now()
    return _sign_ins().find(key, now=moment, background=is_background(), kiosk=kiosk_key())


def allow(*roles: str, within: str = "", at_kiosk: bool = True) -> Callable[[View], View]:
    """Declare the roles with permission to call this view. Raises ValueError for an unknown role.

    `within`: also open to a sign-in for one visit only: "visit" when the view's `uid` is that visit's, "call" when its
    ticket or seat proves the call by itself. `at_kiosk`: False for what stays behind in a browser, such as files.
    """
    if unknown := set(roles) - {*ROLES, *OTHERS}:
        raise ValueError(f"unknown roles {unknown}")

    def declare(view: View) -> View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]
        view.within = within  # type: ignore[attr-defined]
        view.at_kiosk = at_kiosk  # type: ignore[attr-defined]
        return view

    return declare


def roles_of(app: Flask, endpoint: str) -> frozenset[str]:
    """Return an endpoint's declared roles: anyone for static files, nobody for an undeclared view."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return frozenset({"anyone"})
    return cast(frozenset[str], getattr(app.view_functions[endpoint], "roles", frozenset()))


def is_for_staff(path: str) -> bool:
    """Is this the path of a page for staff only?"""
    roles = page_roles(path)
    return bool(roles) and not roles & {"anyone", "machine", "beneficiary"}


def is_open_here(path: str) -> bool:
    """Is the page of a path open in this browser? At a centre's kiosk files and what belongs to a phone are not."""
    return not kiosk_key() or getattr(_view_of(path), "at_kiosk", True)


def is_for(path: str, role: str) -> bool:
    """May this role open the path? True also where there is no page: everybody gets the same 404."""
    roles = page_roles(path)
    return not roles or bool(roles & {"anyone", role})


def page_roles(path: str) -> frozenset[str]:
    """Return the roles that may open the page of a path; none where there is no page."""
    endpoint = _endpoint_of(path)
    return roles_of(current_app, endpoint) if endpoint else frozenset()


def _view_of(path: str) -> object:
    return current_app.view_functions.get(_endpoint_of(path))


def _endpoint_of(path: str) -> str:
    try:
        adapter = current_app.create_url_adapter(request)
        return str(adapter.match(path.partition("?")[0], method="GET")[0])  # type: ignore[union-attr]
    except HTTPException:
        return ""


def enforce() -> ResponseReturnValue | None:
    """Check permissions before every request: 303 or 401 without a sign-in, 403 for the wrong role."""
    if request.endpoint is None:
        return None
    roles = roles_of(current_app, request.endpoint)
    if roles & {"anyone", "machine"}:
        return None
    found = me()
    if found is None:
        return to_sign_in()
    g.who = found.actor.uid  # for the log of refusals
    if found.role not in roles:
        audit.note("Refused", request.endpoint[:40], by=found.actor, now=now(), status=403)
        raise NotAllowed
    if not _is_within(only_visit()):
        return to_sign_in()
    if kiosk_key() and not getattr(current_app.view_functions[request.endpoint], "at_kiosk", True):
        raise NotAllowed(_("Files are not opened on this device, as others use it after you. The desk can print them."))
    return second_factor_first(found)


def limit_to_visit(uid: str) -> None:
    """Limit this browser's new sign-in to one visit: everything else asks for the ordinary sign-in, which lifts it."""
    session[ONLY] = uid


def only_visit() -> str:
    """Return the uid of the visit to which this browser's sign-in is limited, else ""."""
    return str(session.get(ONLY, ""))


def _is_within(only: str) -> bool:
    within = getattr(current_app.view_functions[request.endpoint or ""], "within", "")
    return not only or within == "call" or (within == "visit" and (request.view_args or {}).get("uid") == only)


def to_sign_in() -> Response:
    """Redirect to the sign-in page; htmx gets a header, as it would swap a redirect's target into the page.

    A posted form is kept, and signing in leads back to its page. A poll that raced a step-up is told to retry.
    """
    if is_background() and _sign_ins().is_renewed(session.get("_user_id", ""), now=now()):
        if request.headers.get("HX-Request") == "true":
            return make_response("", 204)
        raise Unavailable(retry_after=1)
    path = kept_forms.keep_typed() or _requested_page()
    if kiosk_key():
        return see_other("/kiosk")
    if request.headers.get("HX-Request") == "true":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = f"/login?next={quote(path, safe='/')}" if path else "/login"
        return response
    return make_response(redirect(f"/login?next={quote(path or '/home', safe='/')}", 303))


def is_background() -> bool:
    """Is this a request that a page makes by itself, which nobody has pressed for?"""
    return request.headers.get("X-Background") == "1" or request.path.startswith(("/live/", STILL))


def _requested_page() -> str:
    """Return the requested page, or for htmx the page it is on; "" for a POST."""
    if request.headers.get("HX-Request") == "true":
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        return own_path(f"{here.path}?{here.query}".rstrip("?"), "")
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def was_staff() -> bool:
    """Did staff sign in in this browser before? Only to choose the sign-in page, never for a permission."""
    key = session.get("_user_id", "")
    return bool(key) and _sign_ins().was_staff(key)


def second_factor_first(person: Person) -> ResponseReturnValue | None:
    """Restrict staff without a second factor to the page that sets one up (S25), except in the demo."""
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
    """Must this person set up a second factor first?"""
    return person.lacks_factor and not current_app.config["PORTAL"].demo


def why_out() -> str:
    """Return why this browser's sign-in expired, for the sign-in page."""
    key = session.get("_user_id")
    return _sign_ins().why_over(key, now=now()) if key and me() is None else ""


def me() -> Person | None:
    """Return the signed-in person, or None."""
    return current_user if current_user.is_authenticated else None


def person() -> Person:
    """Return the signed-in person. Raises NotAllowed."""
    found = me()
    if found is None:
        raise NotAllowed
    return found


def actor() -> Actor:
    """Return the actor for events and audit."""
    found = me()
    return found.actor if found else NOBODY


def client_address() -> str:
    """Return the client's IP address; ProxyFix has been applied where a proxy is configured."""
    return request.remote_addr or ""


def sign_ins(app: Flask) -> SignIns:
    """Return the application's store of sign-ins."""
    return cast(SignIns, app.extensions["portal.sign_ins"])


def _sign_ins() -> SignIns:
    return sign_ins(current_app)

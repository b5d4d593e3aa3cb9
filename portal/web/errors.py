"""Error handlers: domain errors become HTTP responses here, and nowhere else (safety.md 2.1)."""

from contextlib import suppress
from http import HTTPStatus

import peewee
import structlog
from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.base.errors import BeingMade, Invalid, OutOfService, PortalError, Unavailable
from portal.base.language import gettext
from portal.settings.clinic import PaperRules
from portal.web.access import me, page_roles, to_sign_in
from portal.web.forms import kept_forms
from portal.web.pages import is_fragment_request, wants_json
from portal.work import cause

AWAY = "The portal cannot answer just now. Please try again in a few seconds."
log = structlog.get_logger(__name__)


def init_errors(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(PortalError, lambda error: answer(error.status, error))
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _werkzeug_error)
    app.register_error_handler(peewee.OperationalError, _database_down)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)


def answer(status: int, error: PortalError | None = None) -> Response:
    """Render an error as page, fragment or JSON: the same bytes for the same case, so that nothing leaks.

    A fault of ours also tells the reference by which the helpline finds it in the log.
    """
    context = {
        "status": status,
        "message": error.message if error else "",
        "needs_mending": isinstance(error, OutOfService),
        "fields": error.fields if isinstance(error, Invalid) else {},
        "reference": _reference(status, error),
    }
    try:
        context |= _too_big() if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else {}
        if wants_json():
            said = context["message"] or render_template("errors/_title.html", **context)
            told = {"status": status, "error": said, "fields": context["fields"]}
            response = make_response(told | _known(reference=context["reference"]), status)
        else:
            template = "errors/notice.html" if is_fragment_request() else "errors/error.html"
            back = "" if is_fragment_request() else _way_back()
            response = make_response(render_template(template, is_error=True, back=back, **context), status)
    except (peewee.PeeweeException, PortalError):  # rendering the page queries the database too
        return away()
    if is_fragment_request() and not wants_json():
        response.headers["HX-Retarget"] = "#notice"
    if error is not None and error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, BeingMade) and not is_fragment_request():
            response.headers["Refresh"] = str(error.retry_after)
    return response


def _reference(status: int, error: PortalError | None) -> str:
    """Return the reference of a fault; a portal that is only busy has nothing that is to be searched for."""
    is_busy = isinstance(error, Unavailable) and not isinstance(error, OutOfService)
    return cause.reference() if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not is_busy else ""


def _known(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


def _too_big() -> dict[str, object]:
    """Context of a 413: what was too big, the limit, and the form's page if it has the form's own URL."""
    again = request.path if request.method == "POST" and page_roles(request.path) else ""
    most = PaperRules.in_force().record_max_mb
    of_files = request.mimetype == "multipart/form-data"
    own = getattr(current_app.view_functions.get(request.endpoint or ""), "largest_file", 0) // 1024
    return {"of_files": of_files, "most_megabytes": most, "most_kilobytes": own, "again": again}


def _way_back() -> str:
    """Link back to the form. Pages are no-store, so the browser's "back" would show it empty."""
    with suppress(peewee.PeeweeException, PortalError, HTTPException):  # no database, or an unread body (413)
        return kept_forms.way_back()
    return ""


def own_page(template: str, error: PortalError) -> Response:
    """An error as a plugin shows it, with `message`; the plain page where the database fails that one too."""
    try:
        return make_response(render_template(template, message=error.message), error.status)
    except (peewee.PeeweeException, PortalError):
        return away()


def _csrf_error(error: CSRFError) -> Response:
    """Handle an expired or invalid CSRF token (S30): keep what was typed and link back to the form."""
    path = kept_forms.keep_typed()
    if path and me() is None:
        return to_sign_in()
    if not path or not kept_forms.is_own_form():  # another person's form: show nothing of it
        return answer(400)
    if is_fragment_request():
        response = make_response("", 400)
        response.headers["HX-Redirect"] = path
        return response
    sentence = gettext("This page had been open for too long, and nothing was sent. What you typed is kept.")
    context = {
        "message": sentence,
        "fields": {},
        "reference": "",
        "back": path,
        "is_error": True,
        "needs_mending": False,
    }
    return make_response(render_template("errors/error.html", status=400, **context), 400)


def _werkzeug_error(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # untrusted Host header: no URL can be built for a page
        return make_response("Bad request.", HTTPStatus.BAD_REQUEST)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = answer(status)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
    return response


def _database_down(error: peewee.OperationalError) -> Response:
    """Handle a database outage with a static page in both languages: the usual page queries person and language."""
    log.error("database_unavailable", error=type(error).__name__)
    return away()


def away() -> Response:
    """Answer that the portal cannot, by a static page: nothing of the database is needed."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if wants_json():
        told = {"status": status, "error": AWAY, "fields": {}}
        response = make_response(told | _known(reference=cause.reference()), status)
    else:
        name = "errors/away_notice.html" if is_fragment_request() else "errors/away.html"
        response = make_response(current_app.jinja_env.get_template(name).render(reference=cause.reference()), status)
        if is_fragment_request():
            response.headers["HX-Retarget"] = "#notice"
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> Response:
    route = request.url_rule.rule if request.url_rule else ""
    log.error("unexpected_error", exc_info=error, reference=cause.reference(), route=route)
    return answer(500)

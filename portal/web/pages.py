"""Page responses: the whole page for a browser, named blocks (fragments) for htmx."""

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, make_response, redirect, render_template, request
from flask_htmx import HTMX
from jinja2_fragments.flask import render_blocks

OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,700}")  # short enough for a cookie
htmx = HTMX()


def page(template: str, /, *blocks: str, status: int = 200, **context: Any) -> Response:
    """Render a template: the named blocks (block name = element id) for htmx, else the whole page.

    An error is marked in the page's title, which a screen reader says first.
    """
    context.setdefault("is_error", bool(status >= HTTPStatus.BAD_REQUEST or context.get("errors")))
    if blocks and is_fragment_request():
        body = render_blocks(template, list(blocks), **context)
    else:
        body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def page_number(name: str = "page") -> int:
    """Return the page number of a paginated list from `?page=`; listing.py clamps it."""
    return request.args.get(name, 1, type=int)


def see_other(location: str) -> Response:
    """Redirect after a POST (303), so that reloading does not post again; for htmx as HX-Redirect."""
    if is_fragment_request():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, 303))


def is_fragment_request() -> bool:
    """Does htmx request a fragment?"""
    return bool(htmx) and not htmx.boosted


def wants_json() -> bool:
    """Does the client prefer JSON to HTML, or is this a view for programs?"""
    if is_for_machines():
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def is_for_machines() -> bool:
    """Is this a view that only programs call?"""
    view = current_app.view_functions.get(request.endpoint or "")
    return "machine" in getattr(view, "roles", ())


def json_answer(data: object, status: int = 200) -> Response:
    """Make a JSON response."""
    return current_app.response_class(json.dumps(data, ensure_ascii=False), status, mimetype="application/json")


def own_path(path: str, otherwise: str = "/") -> str:
    """Prevent open redirects: return the path if it is local, else `otherwise` (S36: no scheme, host, backslash)."""
    return path if OWN_PATH.fullmatch(path) else otherwise


def send_bytes(content: bytes, mime: str, name: str, *, inline: bool = False) -> Response:
    """Make a file response: sandboxed by CSP, not cached, its name encoded by RFC 6266."""
    response = current_app.response_class(content, mimetype=mime)
    disposition = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response

"""One way to answer with a page: whole for a browser, named blocks for htmx."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request
from flask_htmx import HTMX
from jinja2_fragments.flask import render_blocks

htmx = HTMX()


def page(template: str, /, *blocks: str, status: int = 200, **context: Any) -> Response:
    """Render a template: the named blocks (block name = element id) when htmx asks, else the whole page.

    A page that refuses says so from its title on: that is what a screen reader says first.
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
    """`?page=` of a long list, as asked for; listing.py makes a page of the list of it."""
    return request.args.get(name, 1, type=int)


def see_other(location: str) -> Response:
    """After a change: on to a page that can be reloaded."""
    if is_fragment_request():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = location
        return response
    return make_response(redirect(location, 303))


def is_fragment_request() -> bool:
    """Did htmx ask, for a part of a page?"""
    return bool(htmx) and not htmx.boosted


def wants_json() -> bool:
    """Did the caller ask for JSON rather than HTML, or is it a program that has nobody who reads a page?"""
    if is_for_machines():
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def is_for_machines() -> bool:
    """Is this a view that only programs call?"""
    view = current_app.view_functions.get(request.endpoint or "")
    return "machine" in getattr(view, "roles", ())


def json_answer(data: object, status: int = 200) -> Response:
    """A JSON answer."""
    return current_app.response_class(json.dumps(data, ensure_ascii=False), status, mimetype="application/json")

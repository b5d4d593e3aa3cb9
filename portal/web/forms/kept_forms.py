"""Keep what was typed when the sign-in or the CSRF token has expired, and restore it into the form.

Every form carries its owner and page in a signed hidden field. When it is refused because the sign-in or token has
expired, its fields are stored on the server for that person alone. That person's next GET of the page finds them in
`request.form`, as if they had been posted and failed validation.
"""

import re
from http import HTTPStatus
from typing import NamedTuple

from flask import Flask, Response, g, has_request_context, request, session
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict

from portal.base import signed
from portal.base.clock import now
from portal.web.forms import kept
from portal.web.pages import is_fragment_request, own_path

FIELD, NOT_KEPT = "form_of", "not_kept"
PURPOSE = "form of"
OURS = {"csrf_token", "idempotency_key", FIELD, NOT_KEPT}
SECRET = re.compile(r"password|passwd|secret|token|otp|(^|[-_])(pin|key|code)$", re.IGNORECASE)


class Form(NamedTuple):
    """Owner and page of a form."""

    owner: str
    path: str


def init_kept_forms(app: Flask) -> None:
    """Register the template function `form_of`, and the hooks that restore drafts and delete submitted ones."""
    app.jinja_env.globals.update(form_of=form_of)
    app.before_request(fill)
    app.after_request(forget_what_is_stored)


def form_of() -> str:
    """Render the signed hidden field; empty without a sign-in."""
    if not has_request_context() or not current_user.is_authenticated:
        return ""
    if "form_of" not in g:
        owner, path = current_user.actor.uid, _page()
        value = f"{signed.mark(PURPOSE, _message(owner, path))}.{owner}.{path}"
        g.form_of = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, value)
    found: Markup = g.form_of
    return found


def keep_typed() -> str:
    """Store this request's fields for the form's owner. Returns the page to come back to, or ""."""
    form = _form()
    if form is None:
        return ""
    is_kept = bool(typed := _typed()) and kept.keep(form.owner, form.path, typed, now=now())
    g.is_kept = is_kept
    if is_kept and current_user.is_authenticated and current_user.actor.uid == form.owner:
        session["kept"] = True
    return form.path


def way_back() -> str:
    """Keep a form that failed as a whole. Returns its page, or "" when no free text would be lost."""
    if request.method != "POST" or not is_own_form():
        return ""
    return keep_typed() if any(" " in value.strip() for _name, value in _typed()) else ""


def is_own_form() -> bool:
    """Does this request's form belong to the person signed in now?"""
    form = _form()
    return form is not None and current_user.is_authenticated and current_user.actor.uid == form.owner


def fill() -> None:
    """Restore a draft into the request of its page."""
    if not session.get("kept") or request.method != "GET" or is_fragment_request() or not current_user.is_authenticated:
        return
    typed = kept.of(current_user.actor.uid, request.full_path.rstrip("?"), now=now())
    if typed:
        g.is_typed_before = True
        request.__dict__.update(form=ImmutableMultiDict(typed), files=ImmutableMultiDict())


def forget_what_is_stored(response: Response) -> Response:
    """Delete the draft of a form that was submitted successfully."""
    if g.get("is_kept") or request.method != "POST" or not session.get("kept"):
        return response
    if response.status_code < HTTPStatus.BAD_REQUEST and is_own_form():
        form = _form()
        if form is not None:
            kept.drop(form.owner, form.path)
    return response


def _page() -> str:
    """Return the page of the form being rendered; the response to a POST keeps the form's page."""
    before = _form() if request.method == "POST" else None
    return before.path if before else own_path(request.full_path.rstrip("?"), "/")


def _form() -> Form | None:
    mark, _, rest = request.form.get(FIELD, "").partition(".")
    owner, _, path = rest.partition(".")
    if not mark or not own_path(path, ""):
        return None
    return Form(owner, path) if signed.is_mark(PURPOSE, mark, _message(owner, path)) else None


def _typed() -> kept.Pairs:
    """Return the fields that may be stored: no secrets, no files."""
    named = set(request.form.get(NOT_KEPT, "").split())
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in OURS and name not in named and not SECRET.search(name)
    ]


def _message(owner: str, path: str) -> str:
    return f"{owner}\x1f{path}"

"""What was typed into a form is not lost with the sign-in, nor with a page that stood open too long.

Every form says, in a hidden field, whose it is and on which page it stands. When it is refused because the sign-in is
over or its token is old, its fields are kept on the server for that person alone. The next GET of the page by that
person finds them in `request.form`, as if they had been posted and one field were wrong.
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
    """Whose form it is, and on which page."""

    owner: str
    path: str


def init_kept_forms(app: Flask) -> None:
    """Give templates `form_of`, fill pages from what is kept, and forget it once it is stored where it belongs."""
    app.jinja_env.globals.update(form_of=form_of)
    app.before_request(fill)
    app.after_request(forget_what_is_stored)


def form_of() -> str:
    """The hidden field of a form of somebody who is signed in."""
    if not has_request_context() or not current_user.is_authenticated:
        return ""
    if "form_of" not in g:
        owner, path = current_user.actor.uid, _page()
        value = f"{signed.mark(PURPOSE, _message(owner, path))}.{owner}.{path}"
        g.form_of = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, value)
    found: Markup = g.form_of
    return found


def keep_typed() -> str:
    """Keep the fields of this request's form for whoever it was shown to; the page to come back to, else nothing."""
    form = _form()
    if form is None:
        return ""
    is_kept = bool(typed := _typed()) and kept.keep(form.owner, form.path, typed, now=now())
    g.is_kept = is_kept
    if is_kept and current_user.is_authenticated and current_user.actor.uid == form.owner:
        session["kept"] = True
    return form.path


def way_back() -> str:
    """Keep what was written into a form that was refused as a whole; its page, or nothing when no words were lost."""
    if request.method != "POST" or not is_own_form():
        return ""
    return keep_typed() if any(" " in value.strip() for _name, value in _typed()) else ""


def is_own_form() -> bool:
    """Was this request's form shown to whoever is signed in now?"""
    form = _form()
    return form is not None and current_user.is_authenticated and current_user.actor.uid == form.owner


def fill() -> None:
    """A page for whose form something is kept shows it."""
    if not session.get("kept") or request.method != "GET" or is_fragment_request() or not current_user.is_authenticated:
        return
    typed = kept.of(current_user.actor.uid, request.full_path.rstrip("?"), now=now())
    if typed:
        g.is_typed_before = True
        request.__dict__.update(form=ImmutableMultiDict(typed), files=ImmutableMultiDict())


def forget_what_is_stored(response: Response) -> Response:
    """A form that was taken needs no copy."""
    if g.get("is_kept") or request.method != "POST" or not session.get("kept"):
        return response
    if response.status_code < HTTPStatus.BAD_REQUEST and is_own_form():
        form = _form()
        if form is not None:
            kept.drop(form.owner, form.path)
    return response


def _page() -> str:
    """The page a form stands on; one that answers a form stays the page of that form."""
    before = _form() if request.method == "POST" else None
    return before.path if before else own_path(request.full_path.rstrip("?"), "/")


def _form() -> Form | None:
    mark, _, rest = request.form.get(FIELD, "").partition(".")
    owner, _, path = rest.partition(".")
    if not mark or not own_path(path, ""):
        return None
    return Form(owner, path) if signed.is_mark(PURPOSE, mark, _message(owner, path)) else None


def _typed() -> kept.Pairs:
    """The fields that may be kept: no secret, and no file, as neither is text."""
    named = set(request.form.get(NOT_KEPT, "").split())
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in OURS and name not in named and not SECRET.search(name)
    ]


def _message(owner: str, path: str) -> str:
    return f"{owner}\x1f{path}"

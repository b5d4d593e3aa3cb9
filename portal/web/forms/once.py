"""Idempotent forms: a form sent twice acts once, by its hidden idempotency_key (safety.md 2.1)."""

import hashlib
from collections.abc import Callable
from functools import wraps

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.store.db import one_at_a_time, write
from portal.store.prepared import insert
from portal.web.access import actor
from portal.web.forms.idempotency import SpentKey, find_spent
from portal.web.pages import see_other

View = Callable[..., ResponseReturnValue]


def once(view: View) -> View:
    """Make a view idempotent: a repeated form gets the first response. A redirect (success), or `acted`, uses the key.

    View and key share a transaction under an advisory lock, so a concurrent duplicate waits for the first response.
    """

    @wraps(view)
    def wrapped(**arguments: object) -> ResponseReturnValue:
        key = request.form.get("idempotency_key", "")[:40]
        if request.method != "POST" or not key:
            return view(**arguments)
        with write():
            one_at_a_time(f"{actor().uid} {key}")
            spent = find_spent(key, actor().uid)
            if spent is not None:
                return _replayed(spent)
            response = make_response(view(**arguments))
            _spend(key, response)
            return response

    return wrapped


def is_spent() -> bool:
    """Was this form handled before? Lets a view skip costly work."""
    key = request.form.get("idempotency_key", "")[:40]
    return bool(key) and find_spent(key, actor().uid) is not None


def acted(location: str) -> None:
    """Use the key although the response is no redirect; a repeated form is redirected to `location`."""
    g.acted = location


def _spend(key: str, response: Response) -> None:
    location = response.headers.get("Location") or response.headers.get("HX-Redirect") or g.pop("acted", "")
    if location:
        insert(SpentKey(key=key, actor=actor().uid, parameters=_parameters(), location=location, at=now()))


def _replayed(spent: SpentKey) -> ResponseReturnValue:
    if spent.parameters != _parameters():
        raise Invalid({"": _("This form was already sent with other contents. Please open it again.")})
    response = see_other(spent.location)
    response.headers["Idempotent-Replayed"] = "1"
    return response


def _parameters() -> str:
    """Hash the request's fields, except the CSRF token, which may differ between tabs."""
    digest = hashlib.sha256(request.path.encode())
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            digest.update(f"\x1f{name}\x1e{value}".encode())
    return digest.hexdigest()

"""A form that is sent twice acts once: the hidden idempotency_key of safety.md 2.1."""

import hashlib
from collections.abc import Callable
from functools import wraps

from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.store.db import one_at_a_time, write
from portal.store.prepared import insert
from portal.web.access import actor
from portal.web.forms.idempotency import SpentKey, find_spent

View = Callable[..., ResponseReturnValue]


def once(view: View) -> View:
    """Answer a repeated form with the first answer. Only a redirect (success) spends the key, or `acted`.

    The transaction spans view and key, so a second copy waits and then finds the first one's answer.
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
    """Was this form answered before? Then nothing costly need be done for it again."""
    key = request.form.get("idempotency_key", "")[:40]
    return bool(key) and find_spent(key, actor().uid) is not None


def acted(location: str) -> None:
    """This form did something though its answer is no redirect: sent again, it is answered with this address."""
    g.acted = location


def _spend(key: str, response: Response) -> None:
    location = response.headers.get("Location") or response.headers.get("HX-Redirect") or g.pop("acted", "")
    if location:
        insert(SpentKey(key=key, actor=actor().uid, parameters=_parameters(), location=location, at=now()))


def _replayed(spent: SpentKey) -> ResponseReturnValue:
    if spent.parameters != _parameters():
        raise Invalid({"": _("This form was already sent with other contents. Please open it again.")})
    response = make_response(redirect(spent.location, 303))
    response.headers["Idempotent-Replayed"] = "1"
    return response


def _parameters() -> str:
    """Hash of what was sent, but for the CSRF token, which may differ between two tabs."""
    digest = hashlib.sha256(request.path.encode())
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            digest.update(f"\x1f{name}\x1e{value}".encode())
    return digest.hexdigest()

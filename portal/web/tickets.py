"""Polling of live pages: GET /live/<ticket> with an ETag, so that an unchanged page costs a 304.

A ticket is no credential: it is bound to a sign-in and valid only together with that session cookie. This handler
queries the database; most polls never reach it, as live/layer.py answers them from its cache.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from portal.base import signed
from portal.base.clock import now
from portal.base.errors import NotFound
from portal.web.access import Person, allow, person
from portal.web.pages import json_answer, wants_json

bp = Blueprint("live", __name__)
PURPOSE = "live ticket"


@dataclass(frozen=True)
class PageTicket:
    """A parsed ticket: kind and uid of the live page, the sign-in it is bound to, expiry as a Unix time."""

    kind: str
    uid: str
    role: str
    sign_in: str
    ends_at: int


@dataclass(frozen=True)
class Fragment:
    """Response of a poll: the ETag identifies the state; html and json are rendered lazily."""

    etag: str
    html: Callable[[], str]
    json: Callable[[], object] | None = None


Renderer = Callable[[str, Any, datetime], Fragment]  # of (uid, the person, now)
_renderers: dict[str, Renderer] = {}


def shows(kind: str) -> Callable[[Renderer], Renderer]:
    """Register the renderer of a kind of ticket: a function of (uid, who, now), which checks permission each time."""

    def register(function: Renderer) -> Renderer:
        _renderers[kind] = function
        return function

    return register


def issue(kind: str, uid: str, who: Person) -> str:
    """Issue a ticket for this sign-in, valid until its absolute expiry."""
    parts = (kind, uid, who.role, who.ticket_name, str(int(who.ends_at.timestamp())))
    return signed.pack(PURPOSE, "|".join(parts))


def read(text: str) -> PageTicket | None:
    """Verify and parse a ticket; None when the signature is wrong."""
    body = signed.unpack(PURPOSE, text)
    if body is None:
        return None
    kind, uid, role, sign_in, ends_at = body.split("|")
    return PageTicket(kind, uid, role, sign_in, int(ends_at))


@bp.get("/live/<ticket>")
@allow("beneficiary", "doctor")
def poll(ticket: str) -> ResponseReturnValue:
    """Return the current fragment, or 304 when the ETag matches."""
    who, moment = person(), now()
    found = read(ticket)
    if found is None or not _is_for(found, who, moment):
        raise NotFound
    fragment = _renderers[found.kind](found.uid, who, moment)
    response = make_response("", 304) if _has_etag(fragment.etag) else _answer(fragment)
    response.set_etag(fragment.etag)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Cookie"])
    return response


def _is_for(ticket: PageTicket, who: Person, moment: datetime) -> bool:
    is_same = ticket.sign_in == who.ticket_name and ticket.role == who.role
    return is_same and moment < datetime.fromtimestamp(ticket.ends_at, UTC)


def _has_etag(etag: str) -> bool:
    """Does If-None-Match hold the ETag? Compression appends ":gzip" and the like to it."""
    return any(tag.partition(":")[0] == etag for tag in request.if_none_match)


def _answer(fragment: Fragment) -> Response:
    if fragment.json is not None and wants_json():
        return json_answer(fragment.json())
    return make_response(fragment.html())

"""Live pages poll: GET /live/<ticket>, with an ETag, so that nothing new costs next to nothing.

A ticket opens nothing by itself: it names the sign-in it was made for, and works together with that cookie alone.
The handler here reads the database. Most polls never come here: live/layer.py answers them from memory.
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
    """Which live page, of which thing, for which sign-in, until when."""

    kind: str
    uid: str
    role: str
    sign_in: str
    ends_at: int


@dataclass(frozen=True)
class Fragment:
    """What a poll answers: the ETag names the state, the rest is made only when it is new to the page."""

    etag: str
    html: Callable[[], str]
    json: Callable[[], object] | None = None


Show = Callable[[str, Any, datetime], Fragment]  # of (uid, the person, now)
_shows: dict[str, Show] = {}


def shows(kind: str) -> Callable[[Show], Show]:
    """Register what tickets of this kind show: a function of (uid, who, now). It checks ownership each time."""

    def register(function: Show) -> Show:
        _shows[kind] = function
        return function

    return register


def issue(kind: str, uid: str, who: Person) -> str:
    """A ticket for this sign-in, good until the sign-in's absolute end."""
    parts = (kind, uid, who.role, who.ticket_name, str(int(who.ends_at.timestamp())))
    return signed.pack(PURPOSE, "|".join(parts))


def read(text: str) -> PageTicket | None:
    """The ticket, or None when it is not one of ours."""
    body = signed.unpack(PURPOSE, text)
    if body is None:
        return None
    kind, uid, role, sign_in, ends_at = body.split("|")
    return PageTicket(kind, uid, role, sign_in, int(ends_at))


@bp.get("/live/<ticket>")
@allow("beneficiary", "doctor")
def poll(ticket: str) -> ResponseReturnValue:
    """The present fragment, or 304 when the page has it already."""
    who, moment = person(), now()
    found = read(ticket)
    if found is None or not _is_for(found, who, moment):
        raise NotFound
    fragment = _shows[found.kind](found.uid, who, moment)
    response = make_response("", 304) if _knows(fragment.etag) else _answer(fragment)
    response.set_etag(fragment.etag)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Cookie"])
    return response


def _is_for(ticket: PageTicket, who: Person, moment: datetime) -> bool:
    is_same = ticket.sign_in == who.ticket_name and ticket.role == who.role
    return is_same and moment < datetime.fromtimestamp(ticket.ends_at, UTC)


def _knows(etag: str) -> bool:
    """Compression adds ":gzip" and the like to what we sent."""
    return any(tag.partition(":")[0] == etag for tag in request.if_none_match)


def _answer(fragment: Fragment) -> Response:
    if fragment.json is not None and wants_json():
        return json_answer(fragment.json())
    return make_response(fragment.html())

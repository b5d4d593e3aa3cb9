"""Live pages poll: GET /live/<ticket>, with an ETag, so that nothing new costs next to nothing.

A ticket opens nothing by itself: it names the sign-in it was made for, and works together with that cookie alone.
The handler here reads the database. Most polls never come here: live_layer.py answers them from memory.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from portal.base import language, signed
from portal.base.clock import now
from portal.base.errors import NotFound
from portal.core.accounts.sign_ins import SignedIn
from portal.web.access import allow, signed_in
from portal.web.pages import json_answer, wants_json

bp = Blueprint("live", __name__)
PURPOSE = "live ticket"


@dataclass(frozen=True)
class Ticket:
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


Show = Callable[[str, SignedIn, datetime], Fragment]
_shows: dict[str, Show] = {}


def shows(kind: str) -> Callable[[Show], Show]:
    """Register what tickets of this kind show: a function of (uid, who, now). It checks ownership each time."""

    def register(function: Show) -> Show:
        _shows[kind] = function
        return function

    return register


def issue(kind: str, uid: str, person: SignedIn) -> str:
    """A ticket for this sign-in, good until the sign-in's absolute end."""
    parts = (kind, uid, person.role, _name_of(person), str(int(person.row.ends_at.timestamp())))
    return signed.pack(PURPOSE, "|".join(parts))


def read(text: str) -> Ticket | None:
    """The ticket, or None when it is not one of ours."""
    body = signed.unpack(PURPOSE, text)
    if body is None:
        return None
    kind, uid, role, sign_in, ends_at = body.split("|")
    return Ticket(kind, uid, role, sign_in, int(ends_at))


def etag_of(mark: object) -> str:
    """The ETag of a state in the reader's language."""
    return hashlib.sha256(f"{language.current()}|{mark!r}".encode()).hexdigest()[:20]


@bp.get("/live/<ticket>")
@allow("beneficiary", "doctor")
def poll(ticket: str) -> ResponseReturnValue:
    """The present fragment, or 304 when the page has it already."""
    person, moment = signed_in(), now()
    found = read(ticket)
    if found is None or not _is_for(found, person, moment):
        raise NotFound
    fragment = _shows[found.kind](found.uid, person, moment)
    response = make_response("", 304) if _knows(fragment.etag) else _answer(fragment)
    response.set_etag(fragment.etag)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Cookie"])
    return response


def _is_for(ticket: Ticket, person: SignedIn, moment: datetime) -> bool:
    is_same = ticket.sign_in == _name_of(person) and ticket.role == person.role
    return is_same and moment < datetime.fromtimestamp(ticket.ends_at, UTC)


def _name_of(person: SignedIn) -> str:
    """Not its key: that is another one after a step-up, and the pages of other windows go on."""
    return str(person.row.id)


def _knows(etag: str) -> bool:
    """Compression adds ":gzip" and the like to what we sent."""
    return any(tag.partition(":")[0] == etag for tag in request.if_none_match)


def _answer(fragment: Fragment) -> Response:
    if fragment.json is not None and wants_json():
        return json_answer(fragment.json())
    return make_response(fragment.html())

"""The call, a fragment of the room's page and of the consult page, and its signals."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.core.clock import now
from portal.core.errors import Invalid, PortalError, TooBig
from portal.core.language import gettext as _
from portal.plugins import registry
from portal.web import errors
from portal.web.access import allow, signed_in
from portal.web.pages import json_answer, wants_json

from . import messages, rooms, signals, tickets
from .models import Seat

bp = Blueprint("video_webrtc", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor")
def enter(ticket: str) -> ResponseReturnValue:
    """Take a seat with a ticket, once: the call itself, for htmx to put into the page."""
    seat = rooms.redeem(ticket, signed_in(), now=now())
    settings = registry().settings(rooms.PROVIDER)
    return render_template(
        "video_webrtc/room.html", seat=seat, token=tickets.seat_token(seat.uid), connection=settings.for_browser()
    )


@bp.post("/signal")
@allow("beneficiary", "doctor")
def say() -> ResponseReturnValue:
    """Pass one signal on."""
    own = _own_seat()
    if (request.content_length or 0) > messages.MAX_BYTES:
        raise TooBig
    said = signals.say(own, messages.parse(request.stream.read(messages.MAX_BYTES)), now=now())
    return json_answer({"epoch": said.epoch, "peer": said.peer})


@bp.get("/signal")
@allow("beneficiary", "doctor")
def hear() -> ResponseReturnValue:
    """What the other side has said since."""
    own = _own_seat()
    return json_answer({"messages": signals.hear(own, epoch=_whole("epoch"), after=_whole("after"))})


@bp.errorhandler(PortalError)
def refuse(error: PortalError) -> Response:
    """In the call's place a whole page of the portal would be wrong: a sentence is enough."""
    if wants_json():
        return errors.answer(error.status, error)
    return make_response(render_template("video_webrtc/refused.html", message=error.message), error.status)


def _own_seat() -> Seat:
    return rooms.seat_by_token(request.headers.get("X-Seat", ""), signed_in())


def _whole(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid({name: _("Give a whole number.")})
    return int(text)

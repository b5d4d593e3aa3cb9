"""The call's page, which stands in a frame of the room's page, and its signals."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.clock import now
from portal.core.errors import Invalid, PortalError, TooBig
from portal.core.language import gettext as _
from portal.plugins import registry
from portal.web import errors
from portal.web.access import allow, signed_in
from portal.web.pages import json_answer, see_other, wants_json
from portal.web.security import content_policy

from . import messages, rooms, signals, tickets
from .models import Seat

bp = Blueprint("video_webrtc", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor")
def enter(ticket: str) -> ResponseReturnValue:
    """Take a seat with a ticket; the seat's own address bears reloading."""
    seat = rooms.redeem(ticket, signed_in(), now=now())
    return see_other(url_for("video_webrtc.seat", uid=seat.uid))


@bp.get("/room/seat/<uid>")
@allow("beneficiary", "doctor")
def seat(uid: str) -> ResponseReturnValue:
    """The call's page."""
    taken = rooms.seat_by_uid(uid, signed_in())
    settings = registry().settings(rooms.PROVIDER)
    return render_template(
        "video_webrtc/room.html", seat=taken, token=tickets.seat_token(taken.uid), connection=settings.for_browser()
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
    """In the frame a whole page of the portal would be out of place: a sentence is enough."""
    if wants_json():
        return errors.answer(error.status, error)
    return make_response(render_template("video_webrtc/refused.html", message=error.message), error.status)


@bp.after_request
def allow_frame(response: Response) -> Response:
    """Our own room page, and nobody else's, may show these pages in a frame."""
    response.headers["Content-Security-Policy"] = content_policy(frame_ancestors="'self'")
    return response


def _own_seat() -> Seat:
    return rooms.seat_by_token(request.headers.get("X-Seat", ""), signed_in())


def _whole(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid({name: _("Give a whole number.")})
    return int(text)

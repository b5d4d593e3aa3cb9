"""Pages of the call: a fragment in the portal's page, in it our frame, in that Jitsi's; tokens and event reports."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.api import calls, plugin
from portal.api.base import Invalid, PortalError, current_language
from portal.api.base import gettext as _
from portal.api.clock import now
from portal.api.web import (
    allow,
    body_within,
    content_policy,
    csrf,
    error_answer,
    error_page,
    in_language,
    json_answer,
    signed_in,
    strict_json,
    wants_json,
)

from . import frame, rooms, webhook
from .models import JitsiSeat
from .settings import Settings

bp = Blueprint("video_jitsi", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
MAX_BYTES = 2048


class FrameEvent(BaseModel):
    """An event that the frame observed of its own person."""

    model_config = ConfigDict(extra="forbid", strict=True)

    what: calls.What
    connection: str = Field("", pattern=r"^[\x20-\x7e]{0,64}$")
    word: str = Field("", pattern=r"^[\x20-\x7e]{0,40}$")


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor", "desk", within="call")
def enter(ticket: str) -> ResponseReturnValue:
    """Redeem a ticket, once: the call as a fragment for htmx."""
    seat = rooms.redeem(ticket, signed_in(), now=now())
    return render_template("video_jitsi/room.html", seat=seat)


@bp.get("/seat/<uid>")
@allow("beneficiary", "doctor", "desk", within="call")
def seat(uid: str) -> ResponseReturnValue:
    """Show our frame around Jitsi's. Only its policies permit the Jitsi server, camera and microphone."""
    own, settings = _own(uid), _settings()
    rooms.require_open(own)
    response = make_response(
        render_template(
            "video_jitsi/seat.html",
            seat=own,
            script=settings.script,
            who=_opposite(own),
            options=frame.options(settings, own, current_language()),
        )
    )
    response.headers["Content-Security-Policy"] = content_policy(
        script_src=f"'self' {settings.server}", frame_src=settings.server, frame_ancestors="'self'"
    )
    features = ("camera", "microphone", "autoplay", "fullscreen", "display-capture", "screen-wake-lock")
    lent = ", ".join(f'{feature}=(self "{settings.server}")' for feature in features)
    response.headers["Permissions-Policy"] = f"{lent}, geolocation=(), payment=(), usb=()"
    return response


@bp.post("/seat/<uid>/token")
@allow("beneficiary", "doctor", "desk", within="call")
def token(uid: str) -> ResponseReturnValue:
    """Issue a token for this click; `wait` while the doctor is not in the room."""
    own = _own(uid)
    made = rooms.admit(own, _settings(), in_language(rooms.named(own)), now=now())
    return json_answer({"wait": True} if made is None else {"jwt": made})


@bp.get("/seat/<uid>/state")
@allow("beneficiary", "doctor", "desk", within="call")
def state(uid: str) -> ResponseReturnValue:
    """Answer a poll: 204 while the call may go on; 410 when the visit moved on."""
    rooms.require_open(_own(uid))
    return "", 204


@bp.post("/seat/<uid>/events")
@allow("beneficiary", "doctor", "desk", within="call")
def report(uid: str) -> ResponseReturnValue:
    """Store an event that the frame reports. Pages can lie about themselves only."""
    own = _own(uid)
    try:
        event = FrameEvent.model_validate_json(strict_json(body_within(MAX_BYTES)))
    except ValidationError:
        raise Invalid({"": _("This is not a report of a call.")}) from None
    calls.report(own.room.uid, own.participant, event.what, now(), connection=event.connection, word=event.word)
    return "", 204


@bp.post("/callbacks")
@allow("machine")
def hear() -> ResponseReturnValue:
    """Receive the server's webhook on who joined and left: signed, or 401."""
    body, moment = body_within(webhook.MAX_BYTES), now()
    secret = _settings().webhook_secret.get_secret_value()
    if not webhook.is_signed(request.headers.get(webhook.HEADER, ""), body, secret, now=moment):
        return json_answer({"error": "not signed"}, 401)
    webhook.receive(strict_json(body), now=moment)
    return json_answer({"heard": True})


csrf.exempt(hear)  # a webhook has no session: its signature authenticates it


@bp.errorhandler(PortalError)
def refuse(error: PortalError) -> Response:
    """Answer an error with one sentence: in place of the call a whole page would be wrong."""
    if wants_json():
        return error_answer(error.status, error)
    response = error_page("video_jitsi/refused.html", error)
    response.headers["Content-Security-Policy"] = content_policy(frame_ancestors="'self'")
    return response


def _own(uid: str) -> JitsiSeat:
    return rooms.seat_of(uid, signed_in())


def _opposite(own: JitsiSeat) -> str:
    """Name the other participant for the frame's header."""
    visit = calls.visit_of_room(own.room.uid)
    return in_language(visit.doctor if own.role == "patient" else visit.patient)


def _settings() -> Settings:
    return plugin.settings(rooms.PROVIDER, Settings)

"""The call: a fragment of the portal's page, in it our own frame, in that Jitsi's; its tokens and its reports."""

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


class Said(BaseModel):
    """What the frame saw of its own person."""

    model_config = ConfigDict(extra="forbid", strict=True)

    what: calls.What
    connection: str = Field("", pattern=r"^[\x20-\x7e]{0,64}$")
    word: str = Field("", pattern=r"^[\x20-\x7e]{0,40}$")


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor")
def enter(ticket: str) -> ResponseReturnValue:
    """Take a seat with a ticket, once: the call as a fragment, for htmx to put into the page."""
    seat = rooms.redeem(ticket, signed_in(), now=now())
    return render_template("video_jitsi/room.html", seat=seat)


@bp.get("/seat/<uid>")
@allow("beneficiary", "doctor")
def seat(uid: str) -> ResponseReturnValue:
    """Our frame around Jitsi's. It alone may load from the Jitsi server, and let it use camera and microphone."""
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
@allow("beneficiary", "doctor")
def token(uid: str) -> ResponseReturnValue:
    """A token for this click; `wait` while the doctor is not in the room."""
    own = _own(uid)
    made = rooms.admit(own, _settings(), in_language(rooms.named(own)), now=now())
    return json_answer({"wait": True} if made is None else {"jwt": made})


@bp.get("/seat/<uid>/state")
@allow("beneficiary", "doctor")
def state(uid: str) -> ResponseReturnValue:
    """204 while the call may go on; 410 when the visit has."""
    rooms.require_open(_own(uid))
    return "", 204


@bp.post("/seat/<uid>/events")
@allow("beneficiary", "doctor")
def report(uid: str) -> ResponseReturnValue:
    """The frame tells what Jitsi told it. Pages may lie about themselves only."""
    own = _own(uid)
    try:
        said = Said.model_validate_json(strict_json(body_within(MAX_BYTES)))
    except ValidationError:
        raise Invalid({"": _("This is not a report of a call.")}) from None
    calls.report(own.room.uid, own.participant, said.what, now(), connection=said.connection, word=said.word)
    return "", 204


@bp.post("/callbacks")
@allow("machine")
def hear() -> ResponseReturnValue:
    """The server's own report of who came and went: signed, or 401."""
    body, moment = body_within(webhook.MAX_BYTES), now()
    secret = _settings().webhook_secret.get_secret_value()
    if not webhook.is_signed(request.headers.get(webhook.HEADER, ""), body, secret, now=moment):
        return json_answer({"error": "not signed"}, 401)
    webhook.hear(strict_json(body), now=moment)
    return json_answer({"heard": True})


csrf.exempt(hear)  # a server has no form of ours: its signature is the proof


@bp.errorhandler(PortalError)
def refuse(error: PortalError) -> Response:
    """In the call's place a whole page of the portal would be wrong: a sentence is enough."""
    if wants_json():
        return error_answer(error.status, error)
    response = error_page("video_jitsi/refused.html", error)
    response.headers["Content-Security-Policy"] = content_policy(frame_ancestors="'self'")
    return response


def _own(uid: str) -> JitsiSeat:
    return rooms.seat_of(uid, signed_in())


def _opposite(own: JitsiSeat) -> str:
    """Who is at the other side, as the frame's head names them."""
    visit = calls.visit_of_room(own.room.uid)
    return in_language(visit.doctor if own.role == "patient" else visit.patient)


def _settings() -> Settings:
    return plugin.settings(rooms.PROVIDER, Settings)

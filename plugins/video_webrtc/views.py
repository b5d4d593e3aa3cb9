"""The call, a fragment of the room's page and of the consult page, and its signals."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.api import plugin
from portal.api.base import Gone, Invalid, NotFound, PortalError
from portal.api.base import gettext as _
from portal.api.clock import now
from portal.api.web import (
    actor,
    allow,
    body_within,
    error_answer,
    error_page,
    json_answer,
    read_json,
    signed_in,
    strict_json,
    wants_json,
)

from . import chat, guests, messages, reports, rooms, signals, tickets
from .models import Seat
from .settings import Settings

bp = Blueprint("video_webrtc", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
OTHERS = {"patient": ("doctor", "guest"), "doctor": ("patient", "guest"), "guest": ("doctor", "patient")}


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor")
def enter(ticket: str) -> ResponseReturnValue:
    """Take a seat with a ticket, once: the call itself, for htmx to put into the page."""
    return render_template("video_webrtc/room.html", **call_of(rooms.redeem(ticket, signed_in(), now=now())))


@bp.post("/signal")
@allow("beneficiary", "doctor")
def say() -> ResponseReturnValue:
    """Pass one signal on."""
    return taken(own_seat)


@bp.get("/signal")
@allow("beneficiary", "doctor")
def hear() -> ResponseReturnValue:
    """What the others have said since."""
    return heard(own_seat)


@bp.post("/guests")
@allow("doctor")
def invite() -> ResponseReturnValue:
    """A one-time link for a third person."""
    body = read_json(body_within(messages.MAX_BYTES)) if request.is_json else None
    name = body.get("name") if isinstance(body, dict) else None
    invitation = guests.invite(own_seat(), name if isinstance(name, str) else "", by=actor(), now=now())
    link = url_for("video_webrtc.door", link=tickets.invitation_link(invitation.uid), _external=True)
    return json_answer({"uid": invitation.uid, "link": link}, 201)


@bp.post("/guests/<uid>/admit")
@allow("doctor")
def admit(uid: str) -> ResponseReturnValue:
    """Let the third person in."""
    guests.admit(own_seat(), uid, by=actor(), now=now())
    return "", 204


@bp.post("/guests/<uid>/remove")
@allow("doctor")
def remove(uid: str) -> ResponseReturnValue:
    """Take the link back, or show the third person out."""
    guests.remove(own_seat(), uid, by=actor(), now=now())
    return "", 204


@bp.errorhandler(PortalError)
def refuse(error: PortalError) -> Response:
    """In the call's place a whole page of the portal would be wrong: a sentence is enough."""
    if wants_json() or request.endpoint != "video_webrtc.enter":
        return error_answer(error.status, error)
    return error_page("video_webrtc/refused.html", error)


def call_of(seat: Seat) -> dict[str, Any]:
    """What the call's template needs."""
    signal = "video_webrtc.guest_says" if seat.role == guests.GUEST else "video_webrtc.say"
    return {"seat": seat, "token": tickets.seat_token(seat.uid), "signal": url_for(signal), "others": OTHERS[seat.role]}


def own_seat() -> Seat:
    """The seat whose token the page shows, for the person who is signed in."""
    return rooms.seat_by_token(request.headers.get("X-Seat", ""), signed_in().uid)


def taken(find: Callable[[], Seat]) -> Response:
    """Pass on what this seat says. A page that says goodbye to a call that is over does nothing wrong."""
    message, moment = messages.parse(strict_json(body_within(messages.MAX_BYTES))), now()
    try:
        seat = find()
    except Gone:
        if isinstance(message, messages.Bye):
            return json_answer({"epoch": 0})
        raise
    if isinstance(message, messages.Chat):
        if seat.admitted_at is None:
            raise NotFound
        chat.write_line(seat, message, now=moment)
        return json_answer({"epoch": message.epoch})
    said = signals.say(seat, message, now=moment)
    reports.report(seat, message, said, now=moment)
    answer: dict[str, Any] = {"epoch": said.epoch, "others": said.others}
    return json_answer(answer | ({"servers": _servers(seat)} if message.kind == "hello" else {}))


def heard(find: Callable[[], Seat]) -> Response:
    """What was said to this page since, what was typed, how it stands with a third person; or that all is over."""
    try:
        seat = find()
    except Gone:
        return json_answer({"over": True})
    answer: dict[str, Any] = {"messages": signals.hear(seat, epoch=_whole("epoch"), after=_whole("after"))}
    answer["chat"] = chat.lines_after(seat, _whole("chat"))
    if seat.role == "doctor":
        answer["guest"] = guests.state(seat.room, now())
    if request.args.get("servers"):
        answer["servers"] = _servers(seat)
    return json_answer(answer)


def _servers(seat: Seat) -> dict[str, Any]:
    """Credentials live for minutes, so a page asks for new ones before it connects anew."""
    return plugin.settings(rooms.PROVIDER, Settings).for_browser(seat.uid, now())


def _whole(name: str) -> int:
    text = request.args.get(name, "0" if name == "chat" else "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid({name: _("Give a whole number.")})
    return int(text)

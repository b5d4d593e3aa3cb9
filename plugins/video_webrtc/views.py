"""The call, a fragment of the room's page and of the consult page, and its signalling."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.api import plugin
from portal.api.base import Gone, Invalid, NotFound, PortalError, ascii_whole
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

LARGEST = 10**9  # as of an Epoch

bp = Blueprint("video_webrtc", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
OTHERS = {"patient": ("doctor", "guest"), "doctor": ("patient", "guest"), "guest": ("doctor", "patient")}


@bp.get("/room/<ticket>")
@allow("beneficiary", "doctor", "desk", within="call")
def enter(ticket: str) -> ResponseReturnValue:
    """Redeem a ticket, once: the call as a fragment for htmx."""
    return render_template("video_webrtc/room.html", **call_of(rooms.redeem(ticket, signed_in(), now=now())))


@bp.post("/signal")
@allow("beneficiary", "doctor", "desk", within="call")
def say() -> ResponseReturnValue:
    """Send one signal."""
    return send_signal(own_seat)


@bp.get("/signal")
@allow("beneficiary", "doctor", "desk", within="call")
def hear() -> ResponseReturnValue:
    """Answer a poll with the new signals."""
    return poll_signals(own_seat)


@bp.post("/guests")
@allow("doctor")
def invite() -> ResponseReturnValue:
    """Make a one-time link for a third person."""
    body = read_json(body_within(messages.MAX_BYTES)) if request.is_json else None
    name = body.get("name") if isinstance(body, dict) else None
    invitation = guests.invite(own_seat(), name if isinstance(name, str) else "", by=actor(), now=now())
    link = url_for("video_webrtc.door", link=tickets.invitation_link(invitation.uid), _external=True)
    return json_answer({"uid": invitation.uid, "link": link}, 201)


@bp.post("/guests/<uid>/admit")
@allow("doctor")
def admit(uid: str) -> ResponseReturnValue:
    """Admit the third person."""
    guests.admit(own_seat(), uid, by=actor(), now=now())
    return "", 204


@bp.post("/guests/<uid>/remove")
@allow("doctor")
def remove(uid: str) -> ResponseReturnValue:
    """Revoke the link, or remove the third person."""
    guests.remove(own_seat(), uid, by=actor(), now=now())
    return "", 204


@bp.errorhandler(PortalError)
def refuse(error: PortalError) -> Response:
    """Answer an error with one sentence: in place of the call a whole page would be wrong."""
    if wants_json() or request.endpoint != "video_webrtc.enter":
        return error_answer(error.status, error)
    return error_page("video_webrtc/refused.html", error)


def call_of(seat: Seat) -> dict[str, Any]:
    """Return the variables of the call's template."""
    signal = "video_webrtc.guest_says" if seat.role == guests.GUEST else "video_webrtc.say"
    return {"seat": seat, "token": tickets.seat_token(seat.uid), "signal": url_for(signal), "others": OTHERS[seat.role]}


def own_seat() -> Seat:
    """Get the seat of the page's token, for the person who is signed in."""
    return rooms.seat_by_token(request.headers.get("X-Seat", ""), signed_in().uid)


def send_signal(find: Callable[[], Seat]) -> Response:
    """Send the signal of a seat. A page that says bye to a call that is over does nothing wrong."""
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
        chat.write_line(seat, message.text, epoch=message.epoch, now=moment)
        return json_answer({"epoch": message.epoch})
    said = signals.send(seat, message, now=moment)
    reports.report(seat, message, said.epoch, now=moment)
    answer: dict[str, Any] = {"epoch": said.epoch, "others": said.others}
    return json_answer(answer | ({"servers": _servers(seat)} if message.kind == "hello" else {}))


def poll_signals(find: Callable[[], Seat]) -> Response:
    """Answer a poll: new signals, chat, the state of the third person; or that the call is over."""
    try:
        seat = find()
    except Gone:
        return json_answer({"over": True})
    answer: dict[str, Any] = {"messages": signals.poll(seat, epoch=_whole("epoch"), after=_whole("after"))}
    answer["chat"] = chat.lines_after(seat, _whole("chat"), rooms.starts_late)
    if seat.role == "doctor":
        answer["guest"] = guests.state(seat.room, now())
    if request.args.get("servers"):
        answer["servers"] = _servers(seat)
    return json_answer(answer)


def _servers(seat: Seat) -> dict[str, Any]:
    """Return new TURN credentials: they expire in minutes, so a page requests them before it reconnects."""
    return plugin.settings(rooms.PROVIDER, Settings).for_browser(seat.uid, now())


def _whole(name: str) -> int:
    number = ascii_whole(request.args.get(name, "0" if name == "chat" else ""), 0, LARGEST)
    if number is None:
        raise Invalid({name: _("Give a whole number.")})
    return number

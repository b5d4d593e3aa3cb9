"""Page of the third person: no account, a one-time link, and nothing but the call."""

from flask import request, session, url_for
from flask.typing import ResponseReturnValue

from portal.api import clinic
from portal.api.base import NotFound, random_uid
from portal.api.clock import now
from portal.api.web import allow, page, see_other

from . import guests, rooms
from .models import Invitation, Seat
from .views import bp, call_of, poll_signals, send_signal

KEY = "video_webrtc_guest"


@bp.get("/guest/<link>")
@allow("anyone")
def door(link: str) -> ResponseReturnValue:
    """Show who invites whom, and a button; to the browser that has pressed it, the call."""
    invitation = guests.by_link(link)
    seat = guests.require_usable(invitation, session.get(KEY, ""), now())
    call = call_of(seat) if seat else {"seat": None}
    return page("video_webrtc/guest.html", name=invitation.name, doctor=_doctor(invitation), **call)


@bp.post("/guest/<link>")
@allow("anyone")
def knock(link: str) -> ResponseReturnValue:
    """Redeem the link. Reading it does not, so that a messenger's preview does no harm."""
    invitation = guests.by_link(link)
    owner = session.setdefault(KEY, random_uid())
    guests.ask_in(invitation, owner, now=now())
    return see_other(url_for("video_webrtc.door", link=link))


@bp.post("/guest/signal")
@allow("anyone")
def guest_says() -> ResponseReturnValue:
    """Send one signal of the guest; before admission the response's epoch is 0."""
    return send_signal(_guest_seat)


@bp.get("/guest/signal")
@allow("anyone")
def guest_hears() -> ResponseReturnValue:
    """Answer a guest's poll with the new signals."""
    return poll_signals(_guest_seat)


def _guest_seat() -> Seat:
    seat = rooms.seat_by_token(request.headers.get("X-Seat", ""), session.get(KEY, ""))
    if seat.role != guests.GUEST:
        raise NotFound
    return seat


def _doctor(invitation: Invitation) -> clinic.StaffMember | None:
    try:
        return clinic.visit(invitation.room.visit_uid).doctor
    except NotFound:
        return None

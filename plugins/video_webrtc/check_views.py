"""Pages of the call check while waiting, and of a call's chat."""

import secrets

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.api import clinic, plugin
from portal.api.base import Gone, NotFound
from portal.api.base import gettext as _
from portal.api.clinic import CALLED, READY, Visit
from portal.api.clock import now
from portal.api.web import actor, allow, body_within, page, signed_in, strict_json

from . import chat, checks, rooms
from .settings import Settings
from .views import bp

SAMPLE_BYTES = 96 * 1024  # a second at 768 kbit/s, twice what a call takes
MAX_BYTES = 1024


@bp.get("/check/<uid>")
@allow("beneficiary", "doctor", within="visit")
def check(uid: str) -> ResponseReturnValue:
    """Show the check to the patient, its result to the treating doctor."""
    if signed_in().is_staff:
        return _result(uid)
    visit = waiting_visit(uid)
    servers = plugin.settings(rooms.PROVIDER, Settings).for_browser(visit.uid, now())
    parts = checks.parts()
    if servers["iceTransportPolicy"] != "relay":
        del parts["relay"]
    return page(
        "video_webrtc/check.html",
        "video_check",
        visit=visit,
        servers=servers,
        parts=parts,
        verdicts=checks.verdicts(),
        sample=url_for("video_webrtc.sample", uid=uid),
    )


@bp.post("/check/<uid>")
@allow("beneficiary", within="visit")
def keep_check(uid: str) -> ResponseReturnValue:
    """Store what the patient's browser found."""
    visit = waiting_visit(uid)
    checks.keep(visit.uid, checks.parse(strict_json(body_within(MAX_BYTES))), now=now())
    return "", 204


@bp.get("/check/<uid>/sample")
@allow("beneficiary", within="visit")
def sample(uid: str) -> ResponseReturnValue:
    """Send incompressible bytes to measure throughput; with `?small` only a few, to measure the round-trip time."""
    waiting_visit(uid)
    size = 16 if "small" in request.args else SAMPLE_BYTES
    return Response(
        secrets.token_bytes(size), mimetype="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


@bp.get("/chat/<uid>")
@allow("beneficiary", "doctor")
def typed(uid: str) -> ResponseReturnValue:
    """Show the chat of a visit to its patient and its doctor."""
    visit = _treated(uid) if signed_in().is_staff else clinic.visit_of_account(uid, signed_in().uid)
    return page("video_webrtc/chat.html", "video_chat", visit=visit, lines=chat.lines_of(visit.uid))


def waiting_visit(uid: str) -> Visit:
    """Get a visit of the signed-in account whose call is still to come. Raises NotFound, Gone."""
    visit = clinic.visit_of_account(uid, signed_in().uid)
    if visit.state not in (*READY, CALLED):
        raise Gone(_("The call check is for the time before the call."))
    return visit


def _treated(uid: str) -> Visit:
    return clinic.visit_of_doctor(uid, signed_in().uid, by=actor(), now=now())


def _result(uid: str) -> Response:
    visit = _treated(uid)
    row = checks.result_of(visit.uid)
    if row is None:
        raise NotFound
    return page(
        "video_webrtc/checked.html",
        "video_checked",
        visit=visit,
        row=row,
        parts=checks.parts(),
        verdicts=checks.verdicts(),
    )

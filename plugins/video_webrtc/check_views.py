"""The call check beside the waiting room, and what was typed in a call."""

import secrets

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Gone, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import signed_in
from portal.core.consults import services
from portal.core.visits.models import Visit
from portal.core.visits.states import CALLED, READY
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.incoming.json_bodies import body_within, strict_json
from portal.web.pages import page

from . import chat, checks, rooms
from .views import bp

SAMPLE_BYTES = 96 * 1024  # a second at 768 kbit/s, twice what a call takes
MAX_BYTES = 1024


@bp.get("/check/<uid>")
@allow("beneficiary", "doctor")
def check(uid: str) -> ResponseReturnValue:
    """For the patient the check, for the doctor who treats the patient its result."""
    if signed_in().staff is not None:
        return _result(uid)
    visit = waiting_visit(uid)
    servers = registry().settings(rooms.PROVIDER).for_browser(visit.uid, now())
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
@allow("beneficiary")
def keep_check(uid: str) -> ResponseReturnValue:
    """What the patient's browser found."""
    visit = waiting_visit(uid)
    checks.keep(visit.uid, checks.parse(strict_json(body_within(MAX_BYTES))), now=now())
    return "", 204


@bp.get("/check/<uid>/sample")
@allow("beneficiary")
def sample(uid: str) -> ResponseReturnValue:
    """Bytes that nothing can compress; with `?small` only a few, to measure the way there and back."""
    waiting_visit(uid)
    size = 16 if "small" in request.args else SAMPLE_BYTES
    return Response(
        secrets.token_bytes(size), mimetype="application/octet-stream", headers={"Cache-Control": "no-store"}
    )


@bp.get("/chat/<uid>")
@allow("beneficiary", "doctor")
def typed(uid: str) -> ResponseReturnValue:
    """What was typed in the calls of a visit, for the patient and the doctor of that visit."""
    visit = _treated(uid) if signed_in().staff is not None else own_visit(uid)
    return page("video_webrtc/chat.html", "video_chat", visit=visit, lines=chat.lines_of(visit.uid))


def own_visit(uid: str) -> Visit:
    """A visit of the signed-in account's people. Raises NotFound."""
    visit: Visit | None = Visit.get_or_none(Visit.uid == uid)
    if visit is None or visit.beneficiary.account != signed_in().account:
        raise NotFound
    return visit


def waiting_visit(uid: str) -> Visit:
    """The visit, as long as its call is still to come. Raises NotFound, Gone."""
    visit = own_visit(uid)
    if visit.state not in (*READY, CALLED):
        raise Gone(_("The call check is for the time before the call."))
    return visit


def _treated(uid: str) -> Visit:
    staff = signed_in().staff
    if staff is None:
        raise NotFound
    try:
        return services.treating(staff, uid)
    except NotFound:
        return services.written(staff, uid, by=actor(), now=now())


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

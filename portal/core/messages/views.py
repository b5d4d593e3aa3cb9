"""The desk's "please phone" list, and the administrator's view of the outbox."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import audit
from portal.core.clock import now
from portal.core.messages import services
from portal.core.messages.models import Message
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("messages", __name__)
PAGE = 50
STATES = ("new", "leased", "accepted", "sent", "delivered", "failed", "expired", "phone")


@bp.get("/desk")
@allow("desk", "admin")
def desk() -> ResponseReturnValue:
    """People whom no message reached: who has to be phoned, and what to say."""
    rows = services.to_phone()
    if rows:
        audit.note("PhoneListRead", "desk", by=actor(), now=now(), rows=len(rows))
    return page("messages/desk.html", "list", rows=[(row, services.text_of(row)) for row in rows])


@bp.post("/desk/<uid>/done")
@allow("desk", "admin")
def done(uid: str) -> ResponseReturnValue:
    """Somebody phoned."""
    services.phoned(uid, by=actor(), now=now())
    return see_other(url_for("messages.desk"))


@bp.get("/admin/messages")
@allow("admin")
def outbox() -> ResponseReturnValue:
    """Every message with its state; numbers masked, no words."""
    number = max(request.args.get("page", 1, type=int), 1)
    state, template = request.args.get("state", ""), request.args.get("template", "")
    found = Message.select()
    if state in STATES:
        found = found.where(Message.state == state)
    if template:
        found = found.where(Message.template == template)
    rows = list(found.order_by(Message.id.desc()).limit(PAGE + 1).offset((number - 1) * PAGE))
    return page("messages/outbox.html", "rows", rows=rows[:PAGE], more=len(rows) > PAGE, number=number,
                state=state, template=template, states=STATES)  # fmt: skip


@bp.post("/admin/messages/<uid>/resend")
@allow("admin")
def resend(uid: str) -> ResponseReturnValue:
    """Try a failed one again."""
    services.resend(uid, by=actor(), now=now())
    return see_other(url_for("messages.outbox"))

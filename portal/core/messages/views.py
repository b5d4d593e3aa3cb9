"""The desk's "please phone" list, and the administrator's view of the outbox."""

import re
from contextlib import suppress

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import audit
from portal.core.accounts.mobile import mask, normalise
from portal.core.clock import now
from portal.core.language import gettext as _
from portal.core.messages import lists, services
from portal.core.messages.words import kinds
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("messages", __name__)
LAST_PAGE = 10_000


@bp.get("/desk")
@allow("desk", "admin")
def desk() -> ResponseReturnValue:
    """Whom no message reached, numbers masked."""
    return page("messages/desk.html", "list", rows=services.to_phone(), kinds=kinds())


@bp.get("/desk/<uid>")
@allow("desk", "admin")
def phone(uid: str) -> ResponseReturnValue:
    """The number to phone and what to say; who opened it is on record."""
    row = services.get_to_phone(uid)
    audit.note("NumberShown", uid, by=actor(), now=now())
    people, text = lists.people_at(row.to), services.text_of(row)
    return page("messages/phone.html", row=row, people=people, text=text, kinds=kinds())


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
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    arguments, choices = request.args, {"state": states(), "template": kinds()}
    wanted = {key: arguments[key] if arguments.get(key) in allowed else "" for key, allowed in choices.items()}
    wanted["mobile"] = masked(arguments.get("mobile", ""))
    rows, more = lists.outbox(**wanted, page=number)
    return page("messages/outbox.html", "rows", rows=rows, more=more, number=number, wanted=wanted,
                states=states(), kinds=kinds(), now=now())  # fmt: skip


@bp.post("/admin/messages/<uid>/resend")
@allow("admin")
def resend(uid: str) -> ResponseReturnValue:
    """Try a failed one again."""
    services.resend(uid, by=actor(), now=now())
    return see_other(url_for("messages.outbox"))


def masked(text: str) -> str:
    """98…10 of a number in whatever way it was typed: a whole one goes no further than this."""
    with suppress(ValueError):
        text = mask(normalise(text))
    found = re.fullmatch(r"\s*([6-9][0-9])\D*([0-9]{2})\s*", text)
    return f"{found[1]}…{found[2]}" if found else ""


def states() -> dict[str, str]:
    """The states of a message in words."""
    return {
        "new": _("queued"), "leased": _("being sent"), "accepted": _("accepted"), "sent": _("sent"),
        "delivered": _("delivered"), "failed": _("failed"),
        "unknown": _("not known whether sent"), "expired": _("out of date"), "phone": _("to be phoned"),
    }  # fmt: skip

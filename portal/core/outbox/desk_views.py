"""Pages of the desk's phone list."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.language import gettext as _
from portal.core.messages import kinds
from portal.core.messages.history import history
from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.messages.words import calls
from portal.core.outbox import lists, phone_list
from portal.web.access import actor, allow
from portal.web.pages import page, see_other
from portal.work import audit

bp = Blueprint("desk", __name__)


@bp.get("/desk")
@allow("desk", "admin")
def desk() -> ResponseReturnValue:
    """List the patients whom no message reached, with masked numbers."""
    return page("messages/desk.html", "list", rows=phone_list.to_phone(now()), kinds=kinds.in_words(), calls=calls())


@bp.get("/desk/<uid>")
@allow("desk", "admin")
def phone(uid: str) -> ResponseReturnValue:
    """Show the number to phone and what to say; who opened it is audited."""
    row = phone_list.get_to_phone(uid, now())
    audit.note("NumberShown", uid, by=actor(), now=now())
    people, text = lists.people_at(row.to), _words_of(row)
    before = [line for line in history(row) if line.outcome]
    return page(
        "messages/phone.html", row=row, people=people, text=text, kinds=kinds.in_words(), calls=calls(), before=before
    )


@bp.post("/desk/<uid>/done")
@allow("desk", "admin")
def done(uid: str) -> ResponseReturnValue:
    """Store the outcome of the phone call."""
    phone_list.phoned(uid, outcome=request.form.get("outcome", phone_list.REACHED), by=actor(), now=now())
    flash(_("The call is noted."), "success")
    return see_other(url_for("desk.desk"))


def _words_of(row: Message) -> str:
    """Render the message; empty when it was queued before an upgrade that changed its variables."""
    try:
        return text_of(row)
    except ValueError:
        return ""

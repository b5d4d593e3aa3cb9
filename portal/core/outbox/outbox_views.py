"""The administrator's outbox: the list, its chart, its CSV export, and a page for each message."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, ist, now
from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.base.language import names
from portal.core.messages import kinds
from portal.core.messages.history import history
from portal.core.messages.models import Message, SendAttempt
from portal.core.messages.words import calls, errors, exact, sort_of, states
from portal.core.outbox import alarms, delivery, filters, lists
from portal.core.outbox.timeline import timeline
from portal.plugin_host.alarms import warnings
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.files import streamed_csv
from portal.web.pages import page, see_other
from portal.work import audit

bp = Blueprint("outbox", __name__)


@bp.get("/admin/messages")
@allow("admin")
def outbox() -> ResponseReturnValue:
    """List the messages with their states; numbers masked, no texts."""
    wanted, moment = _wanted(), now()
    view = lists.outbox(wanted, request.args.get("before", ""))
    return page(
        "messages/outbox.html",
        "rows",
        languages=names(),
        view=view,
        wanted=wanted,
        chart=None if view.before else timeline(wanted, moment),
        providers=[(name, name) for name in lists.providers()],
        alarms=alarms.standing(moment),
        ill=_ill_senders(),
        plugins=registry(),
        today=clinic_day(moment),
        most=lists.EXPORT_ROWS,
        **_words(),
    )


@bp.get("/admin/messages.csv")
@allow("admin")
def export() -> Response:
    """Download the list as CSV; the export is audited."""
    wanted = _wanted()
    chosen = {key: text for key, text in wanted.address().items() if key != "mobile"}
    audit.note("MessagesExported", "messages", by=actor(), now=now(), **chosen)
    return streamed_csv(lists.exported(wanted), f"messages-{ist(now()):%Y%m%d-%H%M}.csv")


@bp.get("/admin/messages/<uid>")
@allow("admin")
def message(uid: str) -> ResponseReturnValue:
    """Show one message without its number and text."""
    return _message_page(_find(uid), number="")


@bp.post("/admin/messages/<uid>")
@allow("admin")
def show_number(uid: str) -> ResponseReturnValue:
    """Show one message with its number; who asked is audited."""
    row = _find(uid)
    audit.note("NumberShown", uid, by=actor(), now=now())
    return _message_page(row, number=row.to)


@bp.post("/admin/messages/<uid>/resend")
@allow("admin")
def resend(uid: str) -> ResponseReturnValue:
    """Re-send a failed message; redirect to the page with the button, with the same filter."""
    delivery.resend(uid, by=actor(), now=now())
    flash(_("It is on its way again."), "success")
    if "one" in request.form:
        return see_other(url_for("outbox.message", uid=uid))
    chosen: dict[str, Any] = dict(_wanted().address()) if request.args else {}
    return see_other(url_for("outbox.outbox", before=request.args.get("before"), **chosen))


def may_resend(row: Message) -> bool:
    """Tell whether re-sending it can help."""
    return row.state in {"failed", "unknown"} and row.template not in kinds.SECRET and row.expires_at > now()


def _message_page(row: Message, number: str) -> ResponseReturnValue:
    tries = SendAttempt.select().where(SendAttempt.message == row).order_by(SendAttempt.id)
    return page(
        "messages/message.html",
        languages=names(),
        row=row,
        number=number,
        attempts=list(tries),
        history=history(row),
        exact=exact,
        **_words(),
    )


def _ill_senders() -> list[tuple[str, str]]:
    """List the warnings of sender plugins: failing hooks, a server that is down, a low balance."""
    senders = {name for name, _function in registry().implementations("send_message")}
    return [(name, text) for name, text in warnings(registry()) if name in senders]


def _wanted() -> filters.Filter:
    return filters.read(request.args, clinic_day(now()))


def _words() -> dict[str, Any]:
    words = {"states": states(), "kinds": kinds.in_words(), "calls": calls(), "errors": errors()}
    return words | {"sort_of": sort_of, "may_resend": may_resend}


def _find(uid: str) -> Message:
    row: Message | None = Message.get_or_none(Message.uid == uid)
    if row is None:
        raise NotFound
    return row

"""Phone list: patients whom no text reached, while it is still of use, most urgent first."""

from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Account
from portal.core.messages.kinds import KINDS, SECRET, phoned_about
from portal.core.messages.models import Message, MessageOptOut, PatientPhoned
from portal.core.visits.models import Visit
from portal.plugin_host.fallbacks import TELEPHONE
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import Event, record

REACHED, NOT_REACHED, WRONG_NUMBER = "reached", "not_reached", "wrong_number"
OUTCOMES = (REACHED, NOT_REACHED, WRONG_NUMBER)
PAUSE = timedelta(minutes=10)
MAX_AGE = timedelta(days=7)  # messages expire sooner; the limit keeps the query to a few rows of the index
LIMIT = 200


def to_phone(now: datetime) -> list[Message]:
    """List whom to phone: what expires first comes first, whoever did not answer just now comes last."""
    found = list(Message.select().where(_open(now)).order_by(Message.expires_at, Message.id).limit(LIMIT))
    opted_out, visits = _opted_out(found), _visit_states(found)
    current = [row for row in found if (row.to, row.template) not in opted_out and _is_current(row, visits)]
    return sorted(current, key=lambda row: row.called_at is not None and row.called_at > now - PAUSE)


def get_to_phone(uid: str, now: datetime) -> Message:
    """Get one message of that list. Raises NotFound, also when a colleague has phoned already."""
    row: Message | None = Message.get_or_none((Message.uid == uid) & _open(now))
    if row is None:
        raise NotFound
    return row


def phoned(uid: str, *, outcome: str = REACHED, by: Actor, now: datetime) -> None:
    """Store the outcome of a phone call. Raises NotFound, Invalid for an unknown outcome, or Conflict if a colleague
    has phoned first.
    """
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": _("Choose one of the list.")})
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    with write():
        done = Message.update(call_outcome=outcome, called_at=now, **_changes(outcome, now))
        if not claim(done.where((Message.id == row.id) & _open(now))):
            raise Conflict(_("A colleague has phoned already."))
        record(PatientPhoned(outcome=outcome), uid, by=by, now=now)


def _changes(outcome: str, now: datetime) -> dict[str, Any]:
    """Return what the outcome changes: after no answer it stays on the list, after a wrong number it leaves."""
    if outcome == REACHED:
        return {"state": "delivered", "provider": TELEPHONE, "delivered_at": now}
    return {"state": "failed", "error": "wrong number"} if outcome == WRONG_NUMBER else {}


def _open(now: datetime) -> peewee.Expression:
    """Match unsent and failed messages that have not expired; never a wrong number."""
    recent = Message.created_at > now - MAX_AGE
    failed = (Message.state == "failed") & recent & Message.template.in_(phoned_about()) & (Message.expires_at > now)
    return (Message.state == "phone") | (failed & (Message.call_outcome != WRONG_NUMBER))


def _opted_out(rows: list[Message]) -> set[tuple[str, str]]:
    mobiles = {row.to for row in rows}
    found = MessageOptOut.select(MessageOptOut, Account).join(Account).where(Account.mobile.in_(mobiles))
    return {(row.account.mobile, row.template) for row in found}


def _visit_states(rows: list[Message]) -> dict[str, str]:
    """Map the event that caused a message to the state of its visit."""
    causes = [row.cause for row in rows if _while_in(row)]
    found = (
        Event.select(Event.uid, Visit.state).join(Visit, on=(Event.subject == Visit.uid)).where(Event.uid.in_(causes))
    )
    rows_: Any = found.tuples()
    return dict(rows_)


def _is_current(row: Message, visits: dict[str, str]) -> bool:
    """Tell whether the message is not stale: nobody is phoned about a turn that is over."""
    state = visits.get(row.cause)
    return state is None or state in (_while_in(row) or (state,))


def _while_in(row: Message) -> tuple[str, ...]:
    """Return the visit states in which such a text is true; empty: all, also for a kind of an older version."""
    kind = KINDS.get(row.template)
    return kind.while_in if kind else ()

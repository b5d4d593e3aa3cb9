"""Whom somebody phones because no text reached them: as long as it is worth it, urgent things first."""

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
REST = timedelta(minutes=10)
OLDEST = timedelta(days=7)  # no text lives longer; it keeps the question to a few rows of the index
MOST = 200


def to_phone(now: datetime) -> list[Message]:
    """People to be phoned: what is soonest over comes first, whoever did not answer just now comes last."""
    found = list(Message.select().where(_open(now)).order_by(Message.expires_at, Message.id).limit(MOST))
    unwanted, visits = _unwanted(found), _visit_states(found)
    worth = [row for row in found if (row.to, row.template) not in unwanted and _is_worth_it(row, visits)]
    return sorted(worth, key=lambda row: row.called_at is not None and row.called_at > now - REST)


def get_to_phone(uid: str, now: datetime) -> Message:
    """One message of that list. Raises NotFound, also when a colleague has phoned already."""
    row: Message | None = Message.get_or_none((Message.uid == uid) & _open(now))
    if row is None:
        raise NotFound
    return row


def phoned(uid: str, *, outcome: str = REACHED, by: Actor, now: datetime) -> None:
    """Somebody phoned. Raises NotFound, Invalid for an unknown outcome, or Conflict when a colleague was faster."""
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": _("Choose one of the list.")})
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    with write():
        done = Message.update(call_outcome=outcome, called_at=now, **_follows(outcome, now))
        if not claim(done.where((Message.id == row.id) & _open(now))):
            raise Conflict(_("A colleague has phoned already."))
        record(PatientPhoned(outcome=outcome), uid, by=by, now=now)


def _follows(outcome: str, now: datetime) -> dict[str, Any]:
    """Who did not answer stays on the list; at a wrong number nobody has to try again."""
    if outcome == REACHED:
        return {"state": "delivered", "provider": TELEPHONE, "delivered_at": now}
    return {"state": "failed", "error": "wrong number"} if outcome == WRONG_NUMBER else {}


def _open(now: datetime) -> peewee.Expression:
    """What no sender took, and what failed, as long as there is time. At a wrong number nobody tries again."""
    recent = Message.created_at > now - OLDEST
    failed = (Message.state == "failed") & recent & Message.template.in_(phoned_about()) & (Message.expires_at > now)
    return (Message.state == "phone") | (failed & (Message.call_outcome != WRONG_NUMBER))


def _unwanted(rows: list[Message]) -> set[tuple[str, str]]:
    mobiles = {row.to for row in rows}
    found = MessageOptOut.select(MessageOptOut, Account).join(Account).where(Account.mobile.in_(mobiles))
    return {(row.account.mobile, row.template) for row in found}


def _visit_states(rows: list[Message]) -> dict[str, str]:
    """Event that caused a message -> state of the visit it is about."""
    causes = [row.cause for row in rows if _while_in(row)]
    found = (
        Event.select(Event.uid, Visit.state).join(Visit, on=(Event.subject == Visit.uid)).where(Event.uid.in_(causes))
    )
    rows_: Any = found.tuples()
    return dict(rows_)


def _is_worth_it(row: Message, visits: dict[str, str]) -> bool:
    """What is over when the visit has gone on is not: nobody is phoned about a turn that was taken."""
    state = visits.get(row.cause)
    return state is None or state in (_while_in(row) or (state,))


def _while_in(row: Message) -> tuple[str, ...]:
    """The states of a visit in which such a text says something; empty: all, also of a kind of an older version."""
    kind = KINDS.get(row.template)
    return kind.while_in if kind else ()

"""Delivery reports from operators. Idempotent, in any order, and a state only moves forward (F21)."""

from datetime import datetime, timedelta
from typing import Any, cast

import peewee
import structlog
from peewee import fn

from portal.contracts import Report, SentMessage
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import EarlyReport, Message, MessageDelivered, MessageFailed, SendAttempt
from portal.core.outbox import unusable
from portal.core.outbox.channels import hasten
from portal.plugin_host.registry import registry
from portal.settings.texts import TextRules
from portal.store.db import claim, write
from portal.work import jobs
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record

RANK = {"new": 0, "leased": 0, "unknown": 0, "accepted": 1, "sent": 2, "delivered": 3}
OPEN = ("unknown", "accepted", "sent")
EARLY_LIFE = timedelta(hours=1)
POLL_TIMEOUT = timedelta(seconds=60)
POLL_FOR = timedelta(days=3)
log = structlog.get_logger(__name__)


def report(uid: str, attempt: int, provider: str, update: Report, *, now: datetime) -> None:
    """Apply the delivery report of one attempt. A report about a message that does not exist is dropped.

    `attempt` counts our attempts from 1, `provider` is `<plugin>/<driver>`.
    """
    row = Message.get_or_none(Message.uid == uid)
    if row is not None and not _apply(row, attempt, provider, update, now):
        _store_early(provider, update, now, uid=uid, attempt=attempt)


def report_reference(provider: str, update: Report, *, now: datetime) -> None:
    """Apply a report that has only the operator's reference: stored for an hour if it comes before we know that."""
    if not _apply_by_reference(provider, update, now):
        _store_early(provider, update, now)


@jobs.sweep(every=3)
def sweep_early(now: datetime) -> None:
    """Retry the reports that came too early; after an hour they expire and are counted as unusable."""
    _expire_early(now)
    for early in EarlyReport.select().order_by(EarlyReport.id).limit(200):
        if _apply_early(early, now):
            with write():
                early.delete_instance()


@jobs.sweep(every=5)
def sweep_questions(now: datetime) -> None:
    """Poll operators that send no delivery reports, and about texts whose outcome is unknown."""
    due = Message.state.in_(OPEN) & (Message.ask_at <= now) & (Message.created_at > now - POLL_FOR)
    for row in Message.select(Message.id, Message.ask_at).where(due).order_by(Message.id).limit(50):
        mine = (Message.id == row.id) & (Message.ask_at == row.ask_at)
        if claim(Message.update(ask_at=now + POLL_TIMEOUT).where(mine)):
            jobs.enqueue(ask_operator, row.id)


@jobs.in_lane("texts")
def ask_operator(message_id: int, now: datetime) -> None:
    """Poll for the state of one text; if it fails, the sweep retries in a minute."""
    row = Message.get_or_none((Message.id == message_id) & Message.state.in_(OPEN))
    if row is None:
        return
    try:
        update = _poll(row)
    except Exception as error:  # noqa: BLE001 whatever it breaks with
        log.warning("operator_not_asked", provider=row.provider, error=type(error).__name__)
        return
    if update and update.state == "unsent":
        _requeue_unsent(row, now)
    elif update:
        report(row.uid, row.tries, row.provider, update, now=now)
    claim(Message.update(ask_at=update and update.ask_at).where((Message.id == row.id) & (Message.tries == row.tries)))


@jobs.sweep(every=5)
def sweep_unknown(now: datetime) -> None:
    """Re-send texts whose outcome stays unknown, once and if the clinic wants that; in the end they fail."""
    unknown = Message.state == "unknown"
    if TextRules.in_force().unknown_resend_minutes:
        again = unknown & Message.template.not_in(SECRET) & (Message.next_at <= now) & (Message.expires_at > now)
        with write():
            Message.update(state="new").where(again & (_times_unknown() < 2)).execute()
    for row in Message.select().where(unknown & (Message.expires_at <= now - EARLY_LIFE)).limit(50):
        _fail(row, (Message.state == "unknown"), row.error, SYSTEM, now)


def _apply(row: Message, attempt: int, provider: str, update: Report, now: datetime) -> bool:
    """Apply a report; False when it is too early, as the text is being sent at this moment."""
    by = Actor("machine", provider.partition("/")[0][:22])
    if update.state != "failed":
        _forward(row, provider, update, by, now)
        return True
    # Asked first: it may end at any moment, and a report that found it neither under way nor over would be lost.
    is_being_sent = Message.select().where((Message.id == row.id) & (Message.state == "leased")).exists()
    mine = Message.state.in_(OPEN) & (Message.tries == attempt) & Message.provider.in_(("", provider))
    if _fail(row, mine, update.error, by, now):
        return True
    hasten(row, provider, update.error, now=now)
    return not is_being_sent


def _forward(row: Message, provider: str, update: Report, by: Actor, now: datetime) -> None:
    """Move the state forward: a success counts whichever attempt it is of, as the text arrived."""
    behind = [state for state, rank in RANK.items() if rank < RANK[update.state]]
    reference = (update.reference or row.reference)[:80]
    there = {"delivered_at": now} if update.state == "delivered" else {}
    step = Message.update(
        state=update.state, provider=provider, reference=reference, lease_until=None, error="", **there
    )
    with write():
        is_new = claim(step.where((Message.id == row.id) & Message.state.in_(behind)))
        if is_new and update.state == "delivered":
            record(MessageDelivered(), row.uid, by=by, now=now)


def _fail(row: Message, among: peewee.Expression, error: str, by: Actor, now: datetime) -> bool:
    with write():
        is_new = claim(Message.update(state="failed", error=error[:200]).where((Message.id == row.id) & among))
        if is_new:
            record(MessageFailed(), row.uid, by=by, now=now)
    return is_new


def _apply_by_reference(provider: str, update: Report, now: datetime) -> bool:
    mine = (Message.provider == provider) & (Message.reference == update.reference)
    row = Message.get_or_none(mine) if update.reference else None
    return row is not None and _apply(row, row.tries, provider, update, now)


def _apply_early(early: EarlyReport, now: datetime) -> bool:
    update = Report(cast(Any, early.state), early.reference, early.error)
    if not early.uid:
        return _apply_by_reference(early.provider, update, now)
    row = Message.get_or_none(Message.uid == early.uid)
    return row is None or _apply(row, early.attempt, early.provider, update, now)


def _store_early(provider: str, update: Report, now: datetime, uid: str = "", attempt: int = 0) -> None:
    with write():
        EarlyReport.create(
            uid=uid,
            attempt=attempt,
            provider=provider,
            reference=update.reference[:80],
            state=update.state,
            error=update.error[:200],
            at=now,
        )


def _expire_early(now: datetime) -> None:
    over = EarlyReport.at <= now - EARLY_LIFE
    asked = EarlyReport.select(EarlyReport.provider, fn.COUNT(EarlyReport.id), fn.MAX(EarlyReport.reference))
    with write():
        rows: Any = asked.where(over).group_by(EarlyReport.provider).tuples()
        for provider, count, reference in list(rows):
            unusable.count(provider, "unknown", reference, now=now, more=count)
        EarlyReport.delete().where(over).execute()


def _poll(row: Message) -> Report | None:
    plugin, _, driver = row.provider.partition("/")
    if not registry().is_on(plugin):
        return None
    message = SentMessage(row.uid, row.to, row.tries, driver, row.reference, row.created_at)
    return cast("Report | None", registry().ask(plugin, "message_report", message=message))


def _requeue_unsent(row: Message, now: datetime) -> None:
    """Re-enqueue what the operator never received; an OTP fails instead, as the patient requests a new one."""
    if row.template in SECRET:
        _fail(row, Message.state == "unknown", row.error, SYSTEM, now)
        return
    claim(Message.update(state="new", next_at=now).where((Message.id == row.id) & (Message.state == "unknown")))


def _times_unknown() -> peewee.Select:
    """Count a message's attempts whose outcome was unknown: after two of them a third would be too many."""
    unknown = (SendAttempt.message == Message.id) & (SendAttempt.outcome == "unknown")
    return SendAttempt.select(peewee.fn.COUNT(SendAttempt.id)).where(unknown)

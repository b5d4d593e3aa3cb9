"""News from operators: what became of a text. Forward only, in whatever order it comes, and however often (F21)."""

from datetime import datetime, timedelta
from typing import Any, cast

import peewee
import structlog
from peewee import fn

from portal.contracts import Report, SentMessage
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import EarlyReport, Message, MessageDelivered, MessageFailed, SendAttempt
from portal.core.outbox import strays
from portal.plugin_host.registry import registry
from portal.settings.clinic import TextRules
from portal.store.db import claim, write
from portal.work import jobs
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record

RANK = {"new": 0, "leased": 0, "unknown": 0, "accepted": 1, "sent": 2, "delivered": 3}
OPEN = ("unknown", "accepted", "sent")
KEPT = timedelta(hours=1)
ANSWER_WITHIN = timedelta(seconds=60)
ASKED_FOR = timedelta(days=3)
log = structlog.get_logger(__name__)


def report(uid: str, attempt: int, provider: str, news: Report, *, now: datetime) -> None:
    """Take over what an operator says of one of our tries. News of a message that is not there is dropped.

    `attempt` counts our tries from 1, `provider` is `<plugin>/<driver>`.
    """
    row = Message.get_or_none(Message.uid == uid)
    if row is not None and not _apply(row, attempt, provider, news, now):
        _keep(provider, news, now, uid=uid, attempt=attempt)


def report_reference(provider: str, news: Report, *, now: datetime) -> None:
    """The same from an operator who knows only its own number: kept for an hour when it comes before we know that."""
    if not _apply_by_reference(provider, news, now):
        _keep(provider, news, now)


@jobs.sweep(every=3)
def sweep_early(now: datetime) -> None:
    """Look again at what came too early; after an hour it is counted and dropped."""
    _drop(now)
    for kept in EarlyReport.select().order_by(EarlyReport.id).limit(200):
        if _apply_kept(kept, now):
            with write():
                kept.delete_instance()


@jobs.sweep(every=5)
def sweep_questions(now: datetime) -> None:
    """Ask operators who do not tell of themselves, and about texts of which nobody knows whether they went out."""
    due = Message.state.in_(OPEN) & (Message.ask_at <= now) & (Message.created_at > now - ASKED_FOR)
    for row in Message.select(Message.id, Message.ask_at).where(due).order_by(Message.id).limit(50):
        mine = (Message.id == row.id) & (Message.ask_at == row.ask_at)
        if claim(Message.update(ask_at=now + ANSWER_WITHIN).where(mine)):
            jobs.enqueue(ask_operator, row.id)


@jobs.in_lane("texts")
def ask_operator(message_id: int, now: datetime) -> None:
    """Ask what became of one text; when that fails it is asked again in a minute, as the sweep has set down."""
    row = Message.get_or_none((Message.id == message_id) & Message.state.in_(OPEN))
    if row is None:
        return
    try:
        news = _ask(row)
    except Exception as error:  # noqa: BLE001 whatever it breaks with
        log.warning("operator_not_asked", provider=row.provider, error=type(error).__name__)
        return
    if news and news.state == "unsent":
        _take_back(row, now)
    elif news:
        report(row.uid, row.tries, row.provider, news, now=now)
    claim(Message.update(ask_at=news and news.ask_at).where((Message.id == row.id) & (Message.tries == row.tries)))


@jobs.sweep(every=5)
def sweep_unknown(now: datetime) -> None:
    """Texts of which there is no news: sent once more when the clinic wants that, and in the end given up."""
    held = Message.state == "unknown"
    if TextRules.in_force().unknown_resend_minutes:
        again = held & Message.template.not_in(SECRET) & (Message.next_at <= now) & (Message.expires_at > now)
        with write():
            Message.update(state="new").where(again & Message.id.not_in(_doubled())).execute()
    for row in Message.select().where(held & (Message.expires_at <= now - KEPT)).limit(50):
        _fail(row, (Message.state == "unknown"), row.error, SYSTEM, now)


def _apply(row: Message, attempt: int, provider: str, news: Report, now: datetime) -> bool:
    """False when it is too early to say: the text is being sent at this moment."""
    by = Actor("machine", provider.partition("/")[0][:22])
    if news.state != "failed":
        _forward(row, provider, news, by, now)
        return True
    mine = Message.state.in_(OPEN) & (Message.tries == attempt) & Message.provider.in_(("", provider))
    if _fail(row, mine, news.error, by, now):
        return True
    return Message.select().where((Message.id == row.id) & (Message.state == "leased")).count() == 0


def _forward(row: Message, provider: str, news: Report, by: Actor, now: datetime) -> None:
    """Good news counts whichever of our tries it is of: the text is there."""
    behind = [state for state, rank in RANK.items() if rank < RANK[news.state]]
    reference = (news.reference or row.reference)[:80]
    there = {"delivered_at": now} if news.state == "delivered" else {}
    step = Message.update(state=news.state, provider=provider, reference=reference, lease_until=None, error="", **there)
    with write():
        is_new = claim(step.where((Message.id == row.id) & Message.state.in_(behind)))
        if is_new and news.state == "delivered":
            record(MessageDelivered(), row.uid, by=by, now=now)


def _fail(row: Message, among: peewee.Expression, error: str, by: Actor, now: datetime) -> bool:
    with write():
        is_new = claim(Message.update(state="failed", error=error[:200]).where((Message.id == row.id) & among))
        if is_new:
            record(MessageFailed(), row.uid, by=by, now=now)
    return is_new


def _apply_by_reference(provider: str, news: Report, now: datetime) -> bool:
    mine = (Message.provider == provider) & (Message.reference == news.reference)
    row = Message.get_or_none(mine) if news.reference else None
    return row is not None and _apply(row, row.tries, provider, news, now)


def _apply_kept(kept: EarlyReport, now: datetime) -> bool:
    news = Report(cast(Any, kept.state), kept.reference, kept.error)
    if not kept.uid:
        return _apply_by_reference(kept.provider, news, now)
    row = Message.get_or_none(Message.uid == kept.uid)
    return row is None or _apply(row, kept.attempt, kept.provider, news, now)


def _keep(provider: str, news: Report, now: datetime, uid: str = "", attempt: int = 0) -> None:
    with write():
        EarlyReport.create(
            uid=uid,
            attempt=attempt,
            provider=provider,
            reference=news.reference[:80],
            state=news.state,
            error=news.error[:200],
            at=now,
        )


def _drop(now: datetime) -> None:
    over = EarlyReport.at <= now - KEPT
    asked = EarlyReport.select(EarlyReport.provider, fn.COUNT(EarlyReport.id), fn.MAX(EarlyReport.reference))
    with write():
        rows: Any = asked.where(over).group_by(EarlyReport.provider).tuples()
        for provider, count, reference in list(rows):
            strays.count(provider, "unknown", reference, now=now, more=count)
        EarlyReport.delete().where(over).execute()


def _ask(row: Message) -> Report | None:
    plugin, _, driver = row.provider.partition("/")
    if not registry().is_on(plugin):
        return None
    message = SentMessage(row.uid, row.to, row.tries, driver, row.reference, row.created_at)
    return cast("Report | None", registry().ask(plugin, "message_report", message=message))


def _take_back(row: Message, now: datetime) -> None:
    """The operator has never heard of it: it may go out, but an OTP is asked for anew by the patient."""
    if row.template in SECRET:
        _fail(row, Message.state == "unknown", row.error, SYSTEM, now)
        return
    claim(Message.update(state="new", next_at=now).where((Message.id == row.id) & (Message.state == "unknown")))


def _doubled() -> peewee.Select:
    """Messages whose outcome was unknown twice: once more would be too often."""
    unknown = SendAttempt.select(SendAttempt.message).where(SendAttempt.outcome == "unknown")
    return unknown.group_by(SendAttempt.message).having(peewee.fn.COUNT(SendAttempt.id) > 1)

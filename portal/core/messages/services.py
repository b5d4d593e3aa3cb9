"""Texts on their way: queued once per cause, sent under a lease, tried again with patience, never backwards."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import peewee
import structlog

from portal import contracts
from portal.contracts import GatewayError
from portal.core import jobs
from portal.core.accounts.models import OtpChallenge
from portal.core.accounts.otp import code_of
from portal.core.audit import Actor
from portal.core.crash import crashpoint
from portal.core.db import claim, write
from portal.core.errors import Conflict, NotFound
from portal.core.events import record
from portal.core.language import gettext as _
from portal.core.messages.models import Message, SendAttempt
from portal.core.messages.texts import render
from portal.fallbacks import TELEPHONE, send
from portal.plugins import registry

LEASE = timedelta(seconds=60)
LATE = timedelta(seconds=2)
LIFE = timedelta(hours=12)
LASTING = timedelta(days=3)  # news that is as good on Monday as on Friday
MAX_TRIES = 10
FIRST_WAIT, LONGEST_WAIT = 5, 600  # seconds
SECRET = ("otp",)
log = structlog.get_logger(__name__)


def queue(
    cause: str,
    to: str,
    template: str,
    language: str,
    values: Mapping[str, object],
    *,
    now: datetime,
    life: timedelta = LIFE,
) -> None:
    """Put one text into the outbox. The same cause, template and mobile make one message, however often asked."""
    with write():
        Message.insert(
            cause=cause, to=to, template=template, language=language, values=dict(values), state="new",
            created_at=now, next_at=now, expires_at=now + life,
        ).on_conflict_ignore().execute()  # fmt: skip
        mine = (Message.cause == cause) & (Message.template == template) & (Message.to == to)
        jobs.enqueue(send_message, Message.get(mine).id)


@jobs.job
def send_message(message_id: int, now: datetime) -> None:
    """Send one message, if it is due and nobody else has it. The gateway is asked outside any transaction."""
    row = _take(message_id, now)
    if row is None:
        return
    try:
        text = _final_text(row, now)
        answer = _hand_over(row, text, now) if text else None
    except GatewayError as error:
        _postpone(row, error, now)
        return
    crashpoint("messages.after_gateway")
    if not text:
        _finish(row, "expired")
    elif answer is None:
        _finish(row, "failed" if row.template in SECRET else "phone")
    else:
        provider, reference, state = answer
        _note(row, provider, state, now)
        _finish(row, state, provider=provider, reference=reference[:80], error="")


@jobs.sweep(every=2)
def sweep_due(now: datetime) -> None:
    """Hand out again what waited for its next try, and what a lost queue or a dead worker left. OTPs first."""
    _give_up(now)
    left_behind = ((Message.state == "new") & (Message.next_at <= now - LATE)) | _lost(now)
    rows = Message.select(Message.id).where(left_behind).order_by(Message.template.not_in(SECRET), Message.id)
    for row in rows.limit(50):
        jobs.enqueue(send_message, row.id)


def to_phone() -> list[Message]:
    """Messages nobody could send: people to be phoned, oldest first."""
    return list(Message.select().where(Message.state == "phone").order_by(Message.id).limit(200))


def get_to_phone(uid: str) -> Message:
    """One message of that list. Raises NotFound, also when a colleague has phoned already."""
    row: Message | None = Message.get_or_none((Message.uid == uid) & (Message.state == "phone"))
    if row is None:
        raise NotFound
    return row


def phoned(uid: str, *, by: Actor, now: datetime) -> None:
    """Somebody phoned. Raises NotFound, or Conflict when a colleague was faster."""
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    done = Message.update(state="delivered", provider=TELEPHONE)
    with write():
        if not claim(done.where((Message.id == row.id) & (Message.state == "phone"))):
            raise Conflict(_("A colleague has phoned already."))
        record("PatientPhoned", uid, by=by, now=now)


def resend(uid: str, *, by: Actor, now: datetime) -> None:
    """Try a failed message again. Raises NotFound, or Conflict unless it has failed and still has something to say."""
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    failed = (Message.id == row.id) & (Message.state == "failed") & (Message.expires_at > now)
    with write():
        if not claim(Message.update(state="new", tries=0, next_at=now, error="").where(failed)):
            raise Conflict(_("Only a message that failed, and is not out of date, can be sent again."))
        record("MessageResent", uid, by=by, now=now)
        jobs.enqueue(send_message, row.id)


def text_of(row: Message) -> str:
    """The words of a message without a secret."""
    return render(row.template, row.language, row.values)


def _lost(now: datetime) -> peewee.Expression:
    """The worker died with it. An OTP may have gone out, and a person never gets the same code twice (F03)."""
    return (Message.state == "leased") & (Message.lease_until < now) & Message.template.not_in(SECRET)


def _give_up(now: datetime) -> None:
    """OTPs whose worker died, and calls to patients that nobody made while they mattered."""
    dead = (Message.state == "leased") & (Message.lease_until < now) & Message.template.in_(SECRET)
    unknown = "the worker stopped; it is not known whether this was sent"
    Message.update(state="failed", lease_until=None, error=unknown).where(dead).execute()
    Message.update(state="expired").where((Message.state == "phone") & (Message.expires_at <= now)).execute()


def _take(message_id: int, now: datetime) -> Message | None:
    due = (Message.state == "new") & (Message.next_at <= now)
    take = Message.update(state="leased", lease_until=now + LEASE, tries=Message.tries + 1)
    if not claim(take.where((Message.id == message_id) & (due | _lost(now)))):
        return None
    return Message.get_by_id(message_id)


def _final_text(row: Message, now: datetime) -> str | None:
    """The words to send, or None when their time is over: an old OTP is never sent (F23)."""
    if row.expires_at <= now:
        return None
    try:
        return _otp_text(row, now) if row.template in SECRET else text_of(row)
    except ValueError as error:
        raise GatewayError(str(error), permanent=True) from error


def _otp_text(row: Message, now: datetime) -> str | None:
    challenge = OtpChallenge.get_or_none(OtpChallenge.uid == row.values["challenge"])
    if challenge is None or challenge.expires_at <= now or challenge.used_at:
        return None
    return render("otp", row.language, {"code": code_of(challenge), "minutes": row.values["minutes"]})


def _hand_over(row: Message, text: str, now: datetime) -> tuple[str, str, str] | None:
    """Ask the senders in their order; every failure leaves an attempt. What a plugin breaks with may be tried again."""
    outside = contracts.Message(row.uid, row.to, row.template, row.language, text, row.expires_at)

    def failed(provider: str, error: GatewayError) -> None:
        _note(row, provider, "permanent" if error.permanent else "temporary", now, str(error))

    try:
        return send(registry(), outside, failed)
    except GatewayError:
        raise
    except Exception as error:
        log.warning("sender_broke", template=row.template, error=type(error).__name__)
        raise GatewayError(type(error).__name__) from error


def _postpone(row: Message, error: GatewayError, now: datetime) -> None:
    if error.permanent or row.tries >= MAX_TRIES:
        _finish(row, "failed", error=str(error)[:200])
        return
    wait = min(FIRST_WAIT * 2 ** (row.tries - 1), LONGEST_WAIT)
    jitter = secrets.randbelow(1000) / 1000 * wait / 2
    _finish(row, "new", next_at=now + timedelta(seconds=wait + jitter), error=str(error)[:200])


def _finish(row: Message, state: str, **changes: object) -> None:
    leased = (Message.id == row.id) & (Message.state == "leased")
    if state == "new":  # a lease that ran out may be another worker's by now: only one's own is given back
        leased &= Message.tries == row.tries
    Message.update(state=state, lease_until=None, **changes).where(leased).execute()
    log.info("message", template=row.template, state=state, tries=row.tries)


def _note(row: Message, provider: str, outcome: str, now: datetime, error: str = "") -> None:
    SendAttempt.create(message=row, provider=provider, at=now, outcome=outcome, error=error[:200])

"""Texts on their way: queued once per cause, sent under a lease, tried again with patience, never backwards."""

import secrets
from datetime import datetime, timedelta

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
from portal.fallbacks import send
from portal.plugins import registry

LEASE = timedelta(seconds=60)
LIFE = timedelta(hours=6)
MAX_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 5, 600  # seconds
SECRET = {"otp"}
log = structlog.get_logger(__name__)


def queue(
    cause: str,
    to: str,
    template: str,
    language: str,
    values: dict[str, object],
    *,
    now: datetime,
    life: timedelta = LIFE,
) -> None:
    """Put one text into the outbox. The same cause, template and mobile make one message, however often asked."""
    with write():
        Message.insert(
            cause=cause, to=to, template=template, language=language, values=values, state="new",
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
    text = _text_of(row, now)
    if text is None:
        _finish(row, "expired")
        return
    outside = contracts.Message(row.uid, row.to, row.template, row.language, text, row.expires_at)
    try:
        answer = send(registry(), outside)
    except GatewayError as error:
        _failed(row, error, now)
        return
    crashpoint("messages.after_gateway")
    if answer is None:
        _finish(row, "failed" if row.template in SECRET else "phone")
        return
    provider, reference, state = answer
    _note(row, provider, state, now)
    _finish(row, state, provider=provider, reference=reference[:80])


@jobs.sweep(every=2)
def sweep_due(now: datetime) -> None:
    """Send what waited for its next try, and what a lost queue or a dead worker left behind. OTPs first."""
    due = (Message.state == "new") & (Message.next_at <= now - timedelta(seconds=2))
    lost = (Message.state == "leased") & (Message.lease_until < now)
    for row in Message.select(Message.id).where(due | lost).order_by(Message.template != "otp", Message.id).limit(50):
        send_message(row.id, now)


def to_phone() -> list[Message]:
    """Messages nobody could send: people to be phoned, oldest first."""
    return list(Message.select().where(Message.state == "phone").order_by(Message.id).limit(200))


def phoned(uid: str, *, by: Actor, now: datetime) -> None:
    """Somebody phoned. Raises NotFound, or Conflict when a colleague was faster."""
    row = Message.get_or_none(Message.uid == uid)
    if row is None:
        raise NotFound
    with write():
        if not claim(Message.update(state="delivered").where((Message.id == row.id) & (Message.state == "phone"))):
            raise Conflict(_("A colleague has phoned already."))
        record("PatientPhoned", uid, by=by, now=now)


def resend(uid: str, *, by: Actor, now: datetime) -> None:
    """Try a failed message again. Raises NotFound, or Conflict unless it has failed."""
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    with write():
        again = Message.update(state="new", tries=0, next_at=now, expires_at=now + LIFE)
        if not claim(again.where((Message.id == row.id) & Message.state.in_(("failed", "expired", "phone")))):
            raise Conflict(_("Only a message that failed can be sent again."))
        record("MessageResent", uid, by=by, now=now)
        jobs.enqueue(send_message, row.id)


def text_of(row: Message) -> str:
    """The words of a message without a secret."""
    return render(row.template, row.language, row.values)


def _take(message_id: int, now: datetime) -> Message | None:
    due = (Message.state == "new") & (Message.next_at <= now)
    lost = (Message.state == "leased") & (Message.lease_until < now)
    take = Message.update(state="leased", lease_until=now + LEASE, tries=Message.tries + 1)
    if not claim(take.where((Message.id == message_id) & (due | lost))):
        return None
    return Message.get_by_id(message_id)


def _text_of(row: Message, now: datetime) -> str | None:
    """The final text, or None when its time is over: an old OTP is never sent (F23)."""
    if row.expires_at <= now:
        return None
    if row.template != "otp":
        return text_of(row)
    challenge = OtpChallenge.get_or_none(OtpChallenge.uid == row.values["challenge"])
    if challenge is None or challenge.expires_at <= now or challenge.used_at:
        return None
    return render("otp", row.language, {"code": code_of(challenge), "minutes": row.values["minutes"]})


def _failed(row: Message, error: GatewayError, now: datetime) -> None:
    _note(row, "", "permanent" if error.permanent else "temporary", now, str(error))
    if error.permanent or row.tries >= MAX_TRIES:
        _finish(row, "failed", error=str(error)[:200])
        return
    wait = min(FIRST_WAIT * 2 ** (row.tries - 1), LONGEST_WAIT)
    jitter = secrets.randbelow(1000) / 1000 * wait / 2
    Message.update(
        state="new", lease_until=None, next_at=now + timedelta(seconds=wait + jitter), error=str(error)[:200]
    ).where((Message.id == row.id) & (Message.state == "leased")).execute()


def _finish(row: Message, state: str, **changes: object) -> None:
    done = Message.update(state=state, lease_until=None, **changes)
    done.where((Message.id == row.id) & (Message.state == "leased")).execute()
    log.info("message", template=row.template, state=state, tries=row.tries)


def _note(row: Message, provider: str, outcome: str, now: datetime, error: str = "") -> None:
    SendAttempt.create(message=row, provider=provider, at=now, outcome=outcome, error=error[:200])

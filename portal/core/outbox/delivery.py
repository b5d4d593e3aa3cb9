"""Delivery of messages to an SMS gateway: under a lease, outside any transaction, with retries until it expires."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from portal import contracts
from portal.base.crash import crashpoint
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.contracts import GatewayError, Receipt
from portal.core.accounts.models import OtpChallenge
from portal.core.accounts.otp import code_of
from portal.core.messages.dlt import registration
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import Message, MessageFailed, MessageResent
from portal.core.messages.quiet import first_moment
from portal.core.messages.services import dispatch
from portal.core.messages.texts import render
from portal.core.messages.words import WORKER_STOPPED
from portal.core.outbox import attempts
from portal.core.outbox.before_sms import is_spared
from portal.plugin_host.capabilities import counts_waiting
from portal.plugin_host.fallbacks import send
from portal.plugin_host.registry import registry
from portal.settings.texts import TextRules
from portal.store.db import claim, write
from portal.work import cause, jobs
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record
from portal.work.leases import BackOff, Leases

LEASE = timedelta(seconds=60)
LATE = timedelta(seconds=2)
FIRST_POLL = timedelta(seconds=15)
MAX_TRIES = 10
_NEW, _LEASED = Message.state == "new", Message.state == "leased"
# When a worker dies, its lease expires and another one retries. Not for an OTP: it may have been sent (F03).
LEASES = Leases(
    Message,
    LEASE,
    BackOff(first=5, longest=600, spread=0.5),
    is_open=_NEW | (_LEASED & Message.template.not_in(SECRET)),
    is_held=_LEASED,
    taken={"state": "leased"},
)
log = structlog.get_logger(__name__)


@jobs.in_lane("texts")
def send_message(message_id: int, now: datetime) -> None:
    """Send one message, if it is due and nobody else holds its lease."""
    _send(message_id, now)


@jobs.in_lane("urgent")
def send_secret(message_id: int, now: datetime) -> None:
    """Send one OTP: in a lane of its own, so that other texts do not delay it."""
    _send(message_id, now)


@jobs.sweep(every=2)
def sweep_due(now: datetime) -> None:
    """Re-enqueue messages that are due for retry or were orphaned by a lost queue or a dead worker. OTPs first."""
    _expire(now)
    rows = Message.select(Message.id, Message.template).where(LEASES.waiting(now) & (Message.next_at <= now - LATE))
    for row in rows.order_by(Message.template.not_in(SECRET), Message.id).limit(50):
        dispatch(row.id, row.template)


def _send(message_id: int, now: datetime) -> None:
    """Send under a lease, in the log as what the message's request caused, also when the sweep found it."""
    row = LEASES.take(message_id, now)
    if row is None or _postpone(row, now):
        return
    with cause.of(row.request_id):
        _send_leased(row, now)


def _send_leased(row: Message, now: datetime) -> None:
    """Send one; the gateway is called outside any transaction."""
    try:
        values = _final_values(row, now)
        text = _final_text(row, values)
        if values and text and is_spared(row, _to_contract(row, text), values, LEASES, now):
            return
        answer = _call_senders(row, text, now) if text else None
    except _SendFailed as failure:
        _handle_failure(row, failure.provider, failure.error, now)
        return
    crashpoint("messages.after_gateway")
    if not text:
        _finish(row, "expired")
    elif answer is None:
        _no_sender(row, now)
    else:
        plugin, receipt = answer
        _handle_receipt(row, plugin, receipt, now)


def _postpone(row: Message, now: datetime) -> bool:
    """Postpone a message that would wake somebody: queued by day, but retried or re-sent in quiet hours."""
    morning = first_moment(row.template, now)
    if morning > now:
        LEASES.later(row, now, counted=False, at=morning, state="new")
    return morning > now


def _no_sender(row: Message, now: datetime) -> None:
    """Finish a message when no sender plugin is on: onto the phone list, except an OTP."""
    if row.template in SECRET:
        _fail(row, "", now)
    else:
        _finish(row, "phone")


class _SendFailed(Exception):
    """Raised when every sender failed; the provider is the one that failed last."""

    def __init__(self, provider: str, error: GatewayError) -> None:
        super().__init__(str(error))
        self.provider, self.error = provider, error


def _expire(now: datetime) -> None:
    """Expire OTPs whose worker died, and phone calls to patients that nobody made in time."""
    dead = _LEASED & (Message.lease_until < now) & Message.template.in_(SECRET)
    with write():
        Message.update(state="unknown", lease_until=None, error=WORKER_STOPPED).where(dead).execute()
        Message.update(state="expired").where((Message.state == "phone") & (Message.expires_at <= now)).execute()


def _final_values(row: Message, now: datetime) -> Mapping[str, object] | None:
    """Return the values of the text, or None when the message has expired: an old OTP is never sent (F23)."""
    if row.expires_at <= now:
        return None
    if row.template not in SECRET:
        values: Mapping[str, object] = row.values
        return values
    challenge = OtpChallenge.get_or_none(OtpChallenge.uid == row.values["challenge"])
    if challenge is None or challenge.expires_at <= now or challenge.used_at:
        return None
    return {"code": code_of(challenge), "minutes": row.values["minutes"]}


def _final_text(row: Message, values: Mapping[str, object] | None) -> str | None:
    """Render the text to send, None without values."""
    try:
        return None if values is None else render(row.template, row.language, values)
    except ValueError as error:
        raise _SendFailed("", GatewayError(str(error), permanent=True)) from error


def _to_contract(row: Message, text: str) -> contracts.Message:
    """Map a row to what a plugin may know of a message."""
    known = registration(row.template, row.language)
    return contracts.Message(
        row.uid,
        row.to,
        row.template,
        row.language,
        text,
        row.expires_at,
        attempt=row.tries,
        dlt_entity=known.entity,
        dlt_header=known.header,
        dlt_template=known.template_id,
    )


def _call_senders(row: Message, text: str, now: datetime) -> tuple[str, Receipt] | None:
    """Call the senders in order; each failure is stored as an attempt. An unexpected exception counts as temporary."""
    last = ""

    def failed(name: str, error: GatewayError) -> None:
        nonlocal last
        last = attempts.note_error(row, name, error, now=now)

    try:
        return send(registry(), _to_contract(row, text), failed)
    except GatewayError as error:
        raise _SendFailed(last, error) from error
    except Exception as error:
        log.warning("sender_broke", template=row.template, error=type(error).__name__)
        raise _SendFailed(last, GatewayError(type(error).__name__)) from error


def _handle_receipt(row: Message, plugin: str, receipt: Receipt, now: datetime) -> None:
    provider = attempts.note_receipt(row, plugin, receipt, now=now)
    reference = receipt.reference[:80]
    there = now if receipt.state == "delivered" else None
    _finish(
        row, receipt.state, provider=provider, reference=reference, error="", ask_at=receipt.ask_at, delivered_at=there
    )


def _handle_failure(row: Message, provider: str, error: GatewayError, now: datetime) -> None:
    words = str(error)[:200]
    if error.unknown:
        again = now + timedelta(minutes=TextRules.in_force().unknown_resend_minutes)
        _finish(row, "unknown", provider=provider, error=words, ask_at=now + FIRST_POLL, next_at=again)
    elif error.permanent or row.tries % MAX_TRIES == 0:  # once more so many after each re-send
        _fail(row, words, now, provider)
    else:
        LEASES.later(row, now, state="new", error=words)
        log.info("message", template=row.template, state="new", tries=row.tries)


def _fail(row: Message, words: str, now: datetime, provider: str = "") -> None:
    with write():
        if _finish(row, "failed", error=words, provider=provider):
            record(MessageFailed(), row.uid, by=SYSTEM, now=now)


def _finish(row: Message, state: str, **changes: object) -> bool:
    is_done = LEASES.done(row, state=state, **changes)
    log.info("message", template=row.template, state=state, tries=row.tries)
    return is_done


def resend(uid: str, *, by: Actor, now: datetime) -> None:
    """Re-send a message that failed or whose outcome is unknown. Raises NotFound, or Conflict if it cannot help.

    Attempts are counted on: a late report about the first one of before must not be taken for one about the next.
    """
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    lost = Message.state.in_(("failed", "unknown"))
    again = (Message.id == row.id) & lost & (Message.expires_at > now)
    with write():
        if not claim(Message.update(state="new", next_at=now, error="", request_id=cause.request_id()).where(again)):
            raise Conflict(_("Only a message that failed, and is not out of date, can be sent again."))
        record(MessageResent(), uid, by=by, now=now)
        dispatch(row.id, row.template)


@counts_waiting("texts")
def waiting_texts() -> int:
    """Count the messages that wait to be sent."""
    return int(Message.select().where(Message.state.in_(("new", "leased"))).count())

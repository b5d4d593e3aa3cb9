"""Texts by a channel that their reader has asked for, beside SMS: sent there once, reported by the plugin's webhook."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from portal import contracts
from portal.contracts import ChannelMessage, GatewayError, Receipt, Shown
from portal.core.messages.channels.services import Offer, wanted_by
from portal.core.messages.models import Message
from portal.core.outbox import attempts
from portal.plugin_host.registry import registry
from portal.store.db import claim, write

NOT_THERE = ("temporary", "permanent", "failed")
log = structlog.get_logger(__name__)


def try_channels(row: Message, values: Mapping[str, object], now: datetime) -> tuple[str, Shown, str] | None:
    """Send by the first channel that has not failed; (provider, whether it arrived or until when, reference).

    None: the SMS is due. A channel gets each message once: what a stopped worker left is not sent twice.
    """
    for offer in wanted_by(row.to):
        template = offer.carries(row.template, row.language)
        answer = _try(row, offer, template, values, now) if template else None
        if answer is not None:
            return answer
    return None


def hasten(row: Message, provider: str, error: str, *, now: datetime) -> None:
    """Have the SMS sent now: the channel on which it still waits reports that the message did not arrive."""
    waits = (Message.id == row.id) & (Message.state == "new") & (Message.provider == provider) & (Message.error == "")
    with write():  # both at once: whoever sends it now must see that the channel has failed
        if attempts.last_by(row, provider) is not None and claim(Message.update(next_at=now).where(waits)):
            attempts.end(row, provider, "failed", error)


def _try(
    row: Message, offer: Offer, template: contracts.ChannelTemplate, values: Mapping[str, object], now: datetime
) -> tuple[str, Shown, str] | None:
    provider = attempts.provider_of(offer.plugin, offer.channel.key)
    wait = timedelta(seconds=offer.channel.seconds)
    before = attempts.last_by(row, provider)
    if before is not None:
        return None if before.outcome in NOT_THERE else (provider, Shown(until=before.at + wait), row.reference)
    message = ChannelMessage(
        row.uid,
        row.to,
        offer.channel.key,
        template.name,
        template.language,
        tuple(str(values[name]) for name in template.parameters),
        row.expires_at,
        row.tries,
    )
    attempts.note_begun(row, provider, now=now)
    try:
        receipt = registry().ask(offer.plugin, "send_by_channel", message=message)
    except Exception as error:  # noqa: BLE001 whatever it breaks with, the SMS goes out
        return _broke(row, provider, error, Shown(until=now + wait), now)
    if not isinstance(receipt, Receipt):
        attempts.end(row, provider, "permanent", "no receipt")
        return None
    attempts.end(row, provider, receipt.state)
    return provider, Shown(is_shown=receipt.state == "delivered", until=now + wait), receipt.reference[:80]


def _broke(
    row: Message, provider: str, error: Exception, may_arrive: Shown, now: datetime
) -> tuple[str, Shown, str] | None:
    """Note a failure. One of which nobody knows whether it arrived is waited for like one that was sent."""
    is_unknown = isinstance(error, GatewayError) and error.unknown
    text = str(error) if isinstance(error, GatewayError) else type(error).__name__
    attempts.end(row, provider, "unknown" if is_unknown else "permanent", text)
    log.warning("channel_failed", provider=provider, template=row.template, unknown=is_unknown)
    return (provider, may_arrive, "") if is_unknown else None

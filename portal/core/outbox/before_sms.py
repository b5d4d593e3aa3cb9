"""What may spare somebody the SMS: a screen that shows the text, or a channel that the reader has asked for."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from portal import contracts
from portal.contracts import Receipt, Shown
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import Message
from portal.core.outbox import attempts
from portal.core.outbox.channels import try_channels
from portal.plugin_host.registry import registry
from portal.work.leases import Leases

Tried = tuple[str, Shown, str]  # the provider, whether it is there or until when it may be, its reference
NEEDED = timedelta(seconds=90)  # an SMS must still lead its reader to the page before the turn is over
log = structlog.get_logger(__name__)


def is_spared(
    row: Message, message: contracts.Message, values: Mapping[str, object], leases: Leases[Message], now: datetime
) -> bool:
    """Did a leased message arrive without SMS, or may it still? It is finished then, or due again later.

    The screen is asked first, as it costs nothing; then the channels. Otherwise an SMS is due.
    """
    tried = _on_screen(row, message, now)
    if tried is None or not _settle(row, tried, leases, now):
        tried = try_channels(row, values, now)
        return tried is not None and _settle(row, tried, leases, now)
    return True


def _settle(row: Message, tried: Tried, leases: Leases[Message], now: datetime) -> bool:
    provider, shown, reference = tried
    known = {"provider": provider, "reference": reference, "error": ""}
    if shown.is_shown:
        leases.done(row, state="delivered", delivered_at=now, **known)
        log.info("message", template=row.template, state="delivered", tries=row.tries)
        return True
    until = min(shown.until, row.expires_at - NEEDED) if shown.until else now
    if until <= now:
        return False
    leases.later(row, now, counted=False, at=until, state="new", **(known if reference else {}))
    return True


def _on_screen(row: Message, message: contracts.Message, now: datetime) -> Tried | None:
    """Ask the plugins with a screen. Whatever one breaks with, the SMS goes out; a one-time password is never shown."""
    if row.template in SECRET:
        return None
    try:
        answer = registry().first("show_message", message=message)
    except Exception as error:  # noqa: BLE001 a screen must not cost anybody the SMS
        log.warning("message_not_shown", template=message.template, error=type(error).__name__)
        return None
    if answer is None:
        return None
    plugin, shown = answer
    if shown.is_shown:
        attempts.note_receipt(row, plugin, Receipt(row.uid, "delivered"), now=now)
    return plugin, shown, row.uid if shown.is_shown else ""

"""Texts that a plugin shows on a screen of their reader, so that no SMS is sent, or only later."""

from datetime import datetime

import structlog

from portal import contracts
from portal.contracts import Receipt, Shown
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import Message
from portal.core.outbox import attempts
from portal.plugin_host.registry import registry
from portal.work.leases import Leases

log = structlog.get_logger(__name__)


def is_shown(row: Message, message: contracts.Message, leases: Leases[Message], now: datetime) -> bool:
    """Was a leased message shown, or may it still be? It is finished then, or due again later; else an SMS is due."""
    answer = None if row.template in SECRET else _ask(message)
    if answer is None:
        return False
    plugin, shown = answer
    if shown.is_shown:
        receipt = Receipt(row.uid, "delivered")
        provider = attempts.note_receipt(row, plugin, receipt, now=now)
        leases.done(row, state="delivered", provider=provider, reference=row.uid, error="", delivered_at=now)
        log.info("message", template=row.template, state="delivered", tries=row.tries)
        return True
    if shown.until is None or shown.until <= now:
        return False
    leases.later(row, now, counted=False, at=shown.until, state="new")
    return True


def _ask(message: contracts.Message) -> tuple[str, Shown] | None:
    """Ask the plugins. Whatever one breaks with, the SMS goes out."""
    try:
        return registry().first("show_message", message=message)
    except Exception as error:  # noqa: BLE001 a screen must not cost anybody the SMS
        log.warning("message_not_shown", template=message.template, error=type(error).__name__)
        return None

"""Log of send attempts: one row for each attempt with each driver, never overwritten."""

from collections.abc import Iterable
from datetime import datetime

from portal.contracts import Attempt, GatewayError, Receipt
from portal.core.messages.models import Message, SendAttempt


def provider_of(plugin: str, driver: str) -> str:
    """Name the provider: sms_gateway/kannel; the plugin alone when it has no drivers."""
    return f"{plugin}/{driver}"[:60] if driver else plugin


def note_receipt(row: Message, plugin: str, receipt: Receipt, *, now: datetime) -> str:
    """Store the failed drivers and the one that accepted; return the provider."""
    _note_failures(row, plugin, receipt.attempts, now)
    provider = provider_of(plugin, receipt.driver)
    _note(row, provider, receipt.state, "", now)
    return provider


def note_error(row: Message, plugin: str, error: GatewayError, *, now: datetime) -> str:
    """Store each driver's failure, or the plugin's; return the provider that failed last."""
    outcome = "unknown" if error.unknown else "permanent" if error.permanent else "temporary"
    if error.attempts:
        _note_failures(row, plugin, error.attempts, now)
        return provider_of(plugin, error.attempts[-1].driver)
    _note(row, plugin, outcome, str(error), now)
    return plugin


def last_by(row: Message, provider: str) -> SendAttempt | None:
    """Return the last attempt to send a message with a provider."""
    mine = (SendAttempt.message == row) & (SendAttempt.provider == provider)
    found: SendAttempt | None = SendAttempt.select().where(mine).order_by(SendAttempt.id.desc()).first()
    return found


def note_begun(row: Message, provider: str, *, now: datetime) -> None:
    """Store an attempt before it is made: of a worker that stops over it nobody knows the outcome."""
    _note(row, provider, "unknown", "", now)


def end(row: Message, provider: str, outcome: str, error: str = "") -> None:
    """Store what became of the last attempt with a provider."""
    found = last_by(row, provider)
    if found is not None:
        SendAttempt.update(outcome=outcome, error=error[:200]).where(SendAttempt.id == found.id).execute()


def _note_failures(row: Message, plugin: str, failures: Iterable[Attempt], now: datetime) -> None:
    for failure in failures:
        _note(row, provider_of(plugin, failure.driver), failure.outcome, failure.error, now)


def _note(row: Message, provider: str, outcome: str, error: str, now: datetime) -> None:
    SendAttempt.create(message=row, provider=provider, at=now, outcome=outcome, error=error[:200])

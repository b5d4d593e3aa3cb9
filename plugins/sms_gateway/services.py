"""Sending with fallback from driver to driver, delivery reports, and health checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from pydantic import ValidationError

from portal.api import clock, messages, plugin
from portal.api.messages import Tally
from portal.contracts import Attempt, GatewayError, HealthCheck, Message, Receipt, Report, SentMessage

from . import breaker
from .addresses import PLUGIN
from .cdac import CDAC
from .drivers import Driver, GatewayFault
from .generic import HTTP
from .kannel import KANNEL
from .outbox import OUTBOX
from .presets import PAYLOADS
from .settings import SmsSettings

DRIVERS: dict[str, Driver] = {"outbox": OUTBOX, "kannel": KANNEL, "cdac": CDAC, "http": HTTP}
ALWAYS_WITH_STATE = {"http"}  # drivers whose reports always have a state; Kannel also reports that nothing changed
# The core's lease on a text is 60 s: the last driver must respond within it, timeouts included.
LAST_START = 30.0  # seconds
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class State:
    """Breaker state of one driver, for the administrator's page."""

    name: str
    is_resting: bool = False
    failures: int = 0
    rest_until: datetime | None = None
    error: str = ""


def send(message: Message) -> Receipt:
    """Call the drivers in order until one accepts. Raises GatewayError with an attempt for each.

    After a timeout the text may have been sent: no fallback then.
    """
    started = clock.monotonic()
    failures: list[Attempt] = []
    for name in _candidates(message):
        if clock.monotonic() - started > LAST_START or clock.now() >= message.expires_at:
            break
        try:
            return _send_by(name, message, tuple(failures))
        except GatewayError as error:
            failures.append(_attempt(name, error))
            if error.permanent or error.unknown:
                raise _with(error, failures) from error
    text = failures[-1].error if failures else "every driver rests after failures, or it is too late"
    raise GatewayError(text, attempts=tuple(failures))


def report(message: SentMessage) -> Report | None:
    """Poll the driver that sent a text for its state."""
    driver = DRIVERS.get(message.driver)
    return driver.report(message, _settings(), clock.now()) if driver else None


def apply(name: str, uid: str, attempt: int, values: dict[str, str], *, now: datetime) -> None:
    """Apply a delivery report of one attempt."""
    update = DRIVERS[name].read(values, _settings())
    if update:
        messages.report(uid, attempt, provider(name), update, now=now)
    elif name in ALWAYS_WITH_STATE:
        _count_unread(name, values, now)


def apply_by_reference(name: str, values: dict[str, str], *, now: datetime) -> None:
    """Apply a report that has only the gateway's reference. One that cannot be parsed is counted, not lost."""
    update = DRIVERS[name].read(values, _settings())
    if update and update.reference:
        messages.report_by_reference(provider(name), update, now=now)
    else:
        _count_unread(name, values, now)


def provider(name: str) -> str:
    """Name a driver as the core does."""
    return f"{PLUGIN}/{name}"


def tallies(*, now: datetime) -> list[tuple[str, Tally]]:
    """List (driver, tally of reports) since yesterday, for the drivers in use."""
    known = {tally.provider: tally for tally in messages.tallies(now)}
    return [(name, known.get(provider(name), Tally(provider(name)))) for name in names()]


def payload() -> str:
    """Return the webhook payload to paste into the panel of a gateway whose customers define it."""
    return PAYLOADS.get(_settings().http_preset, "") if "http" in names() else ""


def names() -> list[str]:
    """List the drivers in use, in order; none while the settings are invalid."""
    try:
        return list(_settings().drivers)
    except ValidationError:
        return []


def states() -> list[State]:
    """List the breaker states of the drivers in use, in order."""
    return [_state(name) for name in names()]


def health_checks() -> list[HealthCheck]:
    """Check each driver and its breaker, and the balance where the gateway has an API for it."""
    checks = [HealthCheck(name, partial(_probe, name)) for name in names()]
    tells = "http" in names() and _settings().preset.balance_url
    return checks + ([HealthCheck("http: balance", partial(_balance, "http"))] if tells else [])


def _count_unread(name: str, values: dict[str, str], now: datetime) -> None:
    """Store only the names of the fields: the values are personal data."""
    messages.count_unusable(provider(name), "unread", ", ".join(sorted(values)), now=now)


def _state(name: str) -> State:
    row = breaker.state_of(name)
    if row is None:
        return State(name)
    return State(name, breaker.is_resting(name), row.failures, row.rest_until, row.error)


def _candidates(message: Message) -> Iterator[str]:
    """Yield the drivers to call: the one under test, whatever its breaker says, else those whose breaker allows it."""
    if message.driver:
        yield from {message.driver} & DRIVERS.keys()
        return
    for name in _settings().drivers:
        if breaker.allows(name, now=clock.now()):
            yield name


def _send_by(name: str, message: Message, failures: tuple[Attempt, ...]) -> Receipt:
    try:
        taken = DRIVERS[name].send(message, _settings())
    except GatewayFault as error:
        breaker.failed(name, str(error), now=clock.now())
        raise
    if taken.is_healthy:
        breaker.succeeded(name)
    else:
        breaker.failed(name, "it keeps texts that it cannot pass on", now=clock.now())
    return Receipt(taken.reference, taken.state, name, failures, taken.ask_at)


def _attempt(name: str, error: GatewayError) -> Attempt:
    outcome = "unknown" if error.unknown else "permanent" if error.permanent else "temporary"
    return Attempt(name, outcome, str(error)[:200])  # type: ignore[arg-type]


def _with(error: GatewayError, failures: list[Attempt]) -> GatewayError:
    return GatewayError(str(error), permanent=error.permanent, unknown=error.unknown, attempts=tuple(failures))


def _settings() -> SmsSettings:
    return plugin.settings(PLUGIN, SmsSettings)


def _probe(name: str) -> None:
    DRIVERS[name].probe(_settings())
    state = breaker.state_of(name)
    if state and breaker.is_resting(name):
        raise GatewayError(f"it rests after {state.failures} failures, the last: {state.error}")


def _balance(name: str) -> None:
    settings = _settings()
    left = DRIVERS[name].balance(settings)
    if left is not None and left < settings.balance_low:
        log.error("sms_balance_low", driver=name, left=left)
        raise GatewayError(f"the balance is {left:g}, less than {settings.balance_low}")

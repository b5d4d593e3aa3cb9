"""Sending by the drivers in their order; what became of it; how they are doing."""

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
from .drivers import Driver, Sick
from .generic import HTTP
from .kannel import KANNEL
from .outbox import OUTBOX
from .presets import PAYLOADS
from .settings import SmsSettings

DRIVERS: dict[str, Driver] = {"outbox": OUTBOX, "kannel": KANNEL, "cdac": CDAC, "http": HTTP}
TELLING = {"http"}  # whose reports always say something; Kannel also reports that nothing has changed
# The core lends a text to us for 60 s: whoever is asked last must still answer within that.
LAST_START = 30.0  # seconds
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class State:
    """One driver on the administrator's page."""

    name: str
    is_resting: bool = False
    failures: int = 0
    rest_until: datetime | None = None
    error: str = ""


def send(message: Message) -> Receipt:
    """Ask the drivers in their order until one takes the text. Raises GatewayError with an attempt for each.

    One that does not answer may have sent it: then nobody else is asked.
    """
    started = clock.monotonic()
    failures: list[Attempt] = []
    for name in _turn(message):
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
    """Ask the driver that has it what became of a text."""
    driver = DRIVERS.get(message.driver)
    return driver.report(message, _settings(), clock.now()) if driver else None


def hear(name: str, uid: str, attempt: int, values: dict[str, str], *, now: datetime) -> None:
    """A gateway tells of one try of one text."""
    news = DRIVERS[name].read(values, _settings())
    if news:
        messages.report(uid, attempt, provider(name), news, now=now)
    elif name in TELLING:
        _count_unread(name, values, now)


def hear_by_reference(name: str, values: dict[str, str], *, now: datetime) -> None:
    """A gateway tells of a text that it names by its own number. What is not understood is counted, not lost."""
    news = DRIVERS[name].read(values, _settings())
    if news and news.reference:
        messages.report_by_reference(provider(name), news, now=now)
    else:
        _count_unread(name, values, now)


def provider(name: str) -> str:
    """A driver as the core knows it."""
    return f"{PLUGIN}/{name}"


def tallies(*, now: datetime) -> list[tuple[str, Tally]]:
    """(driver, what came of its texts) since yesterday, for those in use."""
    known = {tally.provider: tally for tally in messages.tallies(now)}
    return [(name, known.get(provider(name), Tally(provider(name)))) for name in names()]


def payload() -> str:
    """What is pasted into the panel of a gateway that lets its customer write the report's body."""
    return PAYLOADS.get(_settings().http_preset, "") if "http" in names() else ""


def names() -> list[str]:
    """The drivers in use, in order; none while the settings have problems."""
    try:
        return list(_settings().drivers)
    except ValidationError:
        return []


def states() -> list[State]:
    """How each driver in use is doing, in their order."""
    return [_state(name) for name in names()]


def health_checks() -> list[HealthCheck]:
    """Each driver can work and does not rest; the balance is enough where the gateway tells it."""
    checks = [HealthCheck(name, partial(_probe, name)) for name in names()]
    tells = "http" in names() and _settings().preset.balance_url
    return checks + ([HealthCheck("http: balance", partial(_balance, "http"))] if tells else [])


def _count_unread(name: str, values: dict[str, str], now: datetime) -> None:
    """Only the names of the fields are kept: what stands in them is about people."""
    messages.count_stray(provider(name), "unread", ", ".join(sorted(values)), now=now)


def _state(name: str) -> State:
    row = breaker.state_of(name)
    if row is None:
        return State(name)
    return State(name, breaker.is_resting(name), row.failures, row.rest_until, row.error)


def _turn(message: Message) -> Iterator[str]:
    """Who is asked: the one that the administrator tries, even while it rests, else all that do not rest."""
    if message.driver:
        yield from {message.driver} & DRIVERS.keys()
        return
    for name in _settings().drivers:
        if breaker.allows(name, now=clock.now()):
            yield name


def _send_by(name: str, message: Message, failures: tuple[Attempt, ...]) -> Receipt:
    try:
        taken = DRIVERS[name].send(message, _settings())
    except Sick as error:
        breaker.failed(name, str(error), now=clock.now())
        raise
    if taken.is_well:
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

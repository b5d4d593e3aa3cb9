"""`GET /metrics` for Prometheus: from this machine, or with the token of PORTAL_METRICS_TOKEN; 404 to all others."""

import hmac
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import IPv6Address, ip_address

import structlog
from flask import Blueprint, Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from portal.base.clock import now
from portal.base.errors import NotFound
from portal.config import Config, ConfigError
from portal.metrics import clinic, machine, work
from portal.metrics.series import Series, gauges
from portal.web.access import allow
from portal.web.counted import COUNTERS

SHORTEST_TOKEN = 32  # characters
bp = Blueprint("metrics", __name__)
log = structlog.get_logger(__name__)

Part = Callable[[datetime], Series]
PARTS: dict[str, Part] = {
    "clinic": clinic.series,
    "queues": work.queues,
    "outbox": work.outbox,
    "texts": work.texts,
    "keeping": work.keeping,
    "machine": machine.series,
    "pool": machine.pool,
}
FAILED = "portal_metrics_failed", "1 for each part of these metrics that could not be read."


class Gauges:
    """The collector of what is read when it is asked. A part that cannot be read does not hide the others."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield all series."""
        failed: dict[str, float] = {}
        for name, part in PARTS.items():
            try:
                yield from list(part(now()))
            except Exception as error:  # noqa: BLE001 a database that is down is what one wants to see
                log.warning("metrics_not_read", part=name, error=type(error).__name__)
                failed[name] = 1
        yield gauges(*FAILED, ("part",), [((name,), failed.get(name, 0)) for name in PARTS])


def init_metrics(app: Flask, config: Config) -> None:
    """Answer who may see them before any other hook, as language, plugins and sign-in query the database.

    Raises ConfigError for a token that could be guessed, or not be sent.
    """
    token = config.environ.get("PORTAL_METRICS_TOKEN", "").strip()
    if token and (len(token) < SHORTEST_TOKEN or not re.fullmatch(r"[\w.~+/=-]+", token, re.ASCII)):
        raise ConfigError("PORTAL_METRICS_TOKEN must have at least 32 letters, digits and signs such as - and _.")
    app.config["METRICS_TOKEN"] = token
    app.before_request(answer_metrics)


def answer_metrics() -> ResponseReturnValue | None:
    """Answer who may see them; the view answers the others."""
    return metrics() if request.endpoint == "metrics.metrics" and _may_see() else None


@bp.get("/metrics")
@allow("anyone")
def metrics() -> ResponseReturnValue:
    """Tell all series in Prometheus's text format; 404, as for any unknown address, to who may not see them."""
    if not _may_see():
        raise NotFound
    registry = CollectorRegistry()
    _add_counters(registry)
    registry.register(Gauges())
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(registry), content_type=kind)


def _add_counters(registry: CollectorRegistry) -> None:
    """Add the counters of all web processes, or of this one where no folder is shared."""
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:
        registry.register(COUNTERS)


def _may_see() -> bool:
    token, given = current_app.config["METRICS_TOKEN"], request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    # A reverse proxy on this machine comes from here too, and names for whom it asks.
    is_passed_on = {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers.keys())
    return not is_passed_on and _is_loopback(_peer())


def _peer() -> str:
    """Return who connected, also where X-Forwarded-For says on whose behalf."""
    before: dict[str, str] = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    return before.get("REMOTE_ADDR") or ""


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback

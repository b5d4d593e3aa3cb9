"""Whether traces are sent. Nothing of OpenTelemetry is imported while they are not."""

from importlib import import_module
from urllib.parse import urlsplit

from flask import Flask

from portal.config import Config, ConfigError

VARIABLE = "PORTAL_OTEL_ENDPOINT"


def init_tracing(app: Flask, config: Config) -> None:
    """Send spans to the collector that the environment names.

    Raises ConfigError for a wrong address, and where the extra is not installed.
    What else it knows (OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS) OpenTelemetry reads from the environment.
    """
    endpoint = config.environ.get(VARIABLE, "").strip()
    if not endpoint or config.only_looks:
        return
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{VARIABLE} is {endpoint!r}; it must look like http://127.0.0.1:4318/v1/traces.")
    try:
        spans = import_module("portal.tracing.spans")
    except ImportError as error:
        raise ConfigError(
            f"{VARIABLE} is set, but OpenTelemetry is not installed; type: pip install 'paramarsh[otel]'"
        ) from error
    app.extensions["portal.tracing"] = spans.begin(app, endpoint)


def close_tracing(app: Flask) -> None:
    """Send what is left, at the end of the process; it waits for a collector that is down for some seconds at most."""
    if "portal.tracing" in app.extensions:
        app.extensions["portal.tracing"].shutdown()

"""Structured logging: a JSON line per request and event. No personal data, addresses or tickets: routes, not paths."""

import logging
import sys

import structlog
from flask import Flask, Response, g, request

from portal.base import clock

log = structlog.get_logger("portal.web")


def init_log(app: Flask) -> None:
    """Log every request with its route, status and duration."""
    configure()
    app.before_request(_start)
    app.after_request(_finish)


def configure() -> None:
    """Configure structlog for JSON lines on standard error, also in processes without the application."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _start() -> None:
    g.started = clock.monotonic()


def _finish(response: Response) -> Response:
    started = getattr(g, "started", None)
    milliseconds = round((clock.monotonic() - started) * 1000, 1) if started else None
    route = request.url_rule.rule if request.url_rule else "-"
    if route not in {"/healthz", "/readyz", "/metrics", "/static/<path:filename>"}:
        log.info("request", method=request.method, route=route, status=response.status_code, ms=milliseconds)
    return response

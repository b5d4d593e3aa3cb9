"""Structured logging: a JSON line per request and event. No personal data, addresses or tickets: routes, not paths.

Each line has the id of the request that caused it (work/cause.py), also in the worker and in plugins.
"""

import logging
import re
import sys
from typing import Any

import structlog
from flask import Flask, Response, g, request

from portal.base import clock

VALUES = re.compile(r"\d{6,}|(?<=DETAIL:).*")  # a mobile, a Ben ID, an OTP; what a database says of a row


def _traceback(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add an exception's traceback without the values in its words: they may be somebody's (S61)."""
    line = structlog.processors.format_exc_info(logger, method, line)
    if "exception" in line:
        line["exception"] = VALUES.sub("…", line["exception"])
    return line


COMMON: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _traceback,
)
REFUSALS = (403, 404)
log = structlog.get_logger("portal.web")


def init_log(app: Flask) -> None:
    """Log every request with its route, status and duration."""
    configure()
    app.before_request(_start)
    app.after_request(_finish)


def configure() -> None:
    """Configure structlog for JSON lines on standard error, also in processes without the application.

    What libraries and plugins log with Python's own `logging`, from warnings on, has the same form.
    """
    structlog.configure(
        processors=[*COMMON, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    if logging.lastResort is not None:  # the handler of whoever has none
        logging.lastResort.setFormatter(_form_of_others())


def _form_of_others() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *COMMON[:-1]],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            COMMON[-1],
            structlog.processors.JSONRenderer(),
        ],
    )


def _start() -> None:
    g.started = clock.monotonic()


def _finish(response: Response) -> Response:
    started = getattr(g, "started", None)
    milliseconds = round((clock.monotonic() - started) * 1000, 1) if started else None
    route = request.url_rule.rule if request.url_rule else "-"
    if route not in {"/healthz", "/readyz", "/metrics", "/static/<path:filename>"}:
        status = response.status_code
        log.info("request", method=request.method, route=route, status=status, ms=milliseconds, **_refused(status))
    return response


def _refused(status: int) -> dict[str, str]:
    """Whom a thing that is not there, or not for this person, was refused: the id of the sign-in's person (S63)."""
    return {"who": g.who} if status in REFUSALS and "who" in g else {}

"""The id of each request: in log lines of web, worker and plugins, in the answer (X-Request-Id), on pages of faults.

Polls that the live layer answers have none: they do nothing that could be logged.
"""

import re
import secrets

from flask import Flask, Response, request

from portal.config import Config
from portal.work import cause

HEADER = "X-Request-Id"
# What proxies make: UUIDs, hexadecimal digits, ULIDs. Short ones could be somebody's number, others break a log line.
ACCEPTED = re.compile(rf"[A-Za-z0-9_-]{{16,{cause.LONGEST_ID}}}", re.ASCII)


def init_request_ids(app: Flask, config: Config) -> None:
    """Name every request, before any other hook. A proxy's id is taken only where a proxy is trusted."""
    is_behind = config.trusted_proxies > 0
    app.before_request(lambda: cause.begin(_given() if is_behind else _new()))
    app.after_request(_tell)
    app.teardown_request(lambda error: cause.end())


def _given() -> str:
    given = request.headers.get(HEADER, "")
    return given if ACCEPTED.fullmatch(given) else _new()


def _new() -> str:
    return secrets.token_hex(16)


def _tell(response: Response) -> Response:
    if cause.request_id():
        response.headers[HEADER] = cause.request_id()
    return response

"""A small application behind the body middleware, for tests with real servers."""

import os
from collections.abc import Iterable
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.web.incoming.bodies import Bodies

SENT = os.environ.get("SLOW_APP_LEDGER", os.devnull)


def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Echo the client's address and the size of the body."""
    try:
        body = b"%d %s" % (len(environ["wsgi.input"].read()), environ["REMOTE_ADDR"].encode())
    except RequestEntityTooLarge as error:
        start(f"{error.code} {error.name}", [])
        return [b""]
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


taken_in = Bodies(
    answer,
    80 * 1024 * 1024,
    lambda environ: environ["PATH_INFO"] == "/tokens/new",
    timeout=float(os.environ.get("SLOW_APP_TIMEOUT", "10")),
)


def noted(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Record every request that reaches the application."""
    with open(SENT, "a") as ledger:
        print(environ["REQUEST_METHOD"], environ["PATH_INFO"], file=ledger)
    return taken_in(environ, start)


app = ProxyFix(noted, x_for=1, x_proto=1) if os.environ.get("SLOW_APP_PROXY") else noted

"""A scripted HTTP server with faults (silent, cut, endless, drip), which records requests in a ledger."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Step:
    """One response. `silent` never responds, `cut` disconnects, `endless` never ends, `drip` sends slowly."""

    status: int = 200
    body: bytes = b""
    how: Literal["answer", "silent", "cut", "endless", "drip"] = "answer"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One received request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def params(self) -> dict[str, str]:
        """The query's fields."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Scripted:
    """The ledger of requests, the script, and the default response after it, or `answer` by request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ledger: list[Asked] = []
        self.script: deque[Step] = deque()
        self.otherwise = Step()
        self.answer: Callable[[Asked], Step] = lambda asked: self.otherwise

    def play(self, asked: Asked) -> Step:
        """Record the request and return the next step of the script."""
        self.ledger.append(asked)
        return self.script.popleft() if self.script else self.answer(asked)


class _Handler(BaseHTTPRequestHandler):
    scripted: ClassVar[Scripted]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        step = self.scripted.play(Asked(self.command, parts.path, parts.query, headers, body))
        self.close_connection = True
        if step.how == "silent":
            self.rfile.read(1)  # until the client disconnects
        elif step.how != "cut":
            self._answer(step)

    def do_POST(self) -> None:
        self.do_GET()

    def _answer(self, step: Step) -> None:
        self.send_response(step.status)
        for name, value in step.headers.items():
            self.send_header(name, value)
        if step.how == "answer":
            self.send_header("Content-Length", str(len(step.body)))
        self.end_headers()
        self.wfile.write(step.body)
        while step.how != "answer":
            self.wfile.write(b"x" * (65536 if step.how == "endless" else 1))
            self.wfile.flush()
            if step.how == "drip":
                _never.wait(0.02)

    def log_message(self, *_: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore disconnected clients, which these tests provoke."""


_never = threading.Event()


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    """Run a server on a free port for the block."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    handler.scripted = Scripted(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield handler.scripted  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A light browser for benchmarks: forms as the tests fill them in, over one kept connection; pages are not checked."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from json import loads
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html

from tests.day.reader import Person

SEE_OTHER = (302, 303)


@dataclass
class Answer:
    """A response, with what the tests' reader asks of one."""

    url: str
    status_code: int
    headers: HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON."""
        return loads(self.content)


class Wire:
    """A socket that is kept, and the cookies of one person."""

    def __init__(self, base_url: str) -> None:
        self._base, where = base_url, urlsplit(base_url)
        self._line = HTTPConnection(where.hostname or "", where.port, timeout=60)
        self._cookies: dict[str, str] = {}
        self.requests = 0

    def close(self) -> None:
        """Close the socket."""
        self._line.close()

    def get(
        self,
        url: str,
        params: Any = None,
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = False,
    ) -> Answer:
        """GET an address."""
        address = url + ("?" + urlencode(params) if params else "")
        return self._ask("GET", address, b"", headers or {}, follow_redirects)

    def post(self, url: str, data: Any = None, files: Any = None, follow_redirects: bool = False) -> Answer:
        """POST a form."""
        if files is None:
            body, kind = urlencode(data, doseq=True).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(data, files)
        return self._ask("POST", url, body, {"Content-Type": kind}, follow_redirects)

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str], follow: bool) -> Answer:
        address = urljoin(self._base, url)
        parts = urlsplit(address)
        sent = {"Accept": "text/html", "Accept-Language": "en", "Accept-Encoding": "identity"} | dict(headers)
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        line = method, parts.path + (f"?{parts.query}" if parts.query else ""), body or None, sent
        self.requests += 1
        answer = self._answered(*line)
        found = Answer(address, answer.status, answer.headers, answer.read())
        for line in answer.headers.get_all("Set-Cookie") or []:
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if follow and found.status_code in SEE_OTHER:
            return self._ask("GET", urljoin(address, found.headers["Location"]), b"", {}, True)
        return found

    def _answered(self, *line: Any) -> HTTPResponse:
        """Send, once more where the server has closed the socket meanwhile."""
        try:
            self._line.request(*line)
            return self._line.getresponse()
        except (RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._line.close()
            self._line.request(*line)
            return self._line.getresponse()


class Visitor(Person):
    """A person of the tests, on a `Wire`."""

    def __init__(self, base_url: str) -> None:
        self.wire = Wire(base_url)
        self.http: Any = self.wire
        self._before = None

    def _show(self, answer: Any) -> Self:
        self.answer = answer
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content.strip():
            self.tree = html.fromstring(answer.text)
        return self


def _multipart(data: Mapping[str, list[str]], files: Any) -> tuple[bytes, str]:
    edge = uuid.uuid4().hex
    lines = []
    for name, values in data.items():
        for value in values:
            lines.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (filename, content, kind) in files:
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        lines.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(lines) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"

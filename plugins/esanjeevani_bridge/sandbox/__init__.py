"""Sandbox of the other side, for demos and tests: neither e-Sanjeevani nor a health-record system.

It validates every field that the public contract names, keeps a ledger of what it accepted, and fails by script.
`POST /sandbox` {"faults": [{"path": "/fhir/Bundle", "status": 503, "times": 2, "delay": 0}], "updates": [resource…]}
"""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from portal.api import clock, json_text

from .records import Records
from .sanjeevani import Sanjeevani

Start = Callable[[str, list[tuple[str, str]]], Any]
LARGEST = 8 * 1024 * 1024
WELCOME = {
    "what": "A stand-in for demonstrations and tests. It is not e-Sanjeevani and not a health-record system.",
    "sanjeevani": "/uat",
    "fhir": "/fhir",
    "token": "/token",
    "script": "POST /sandbox",
    "ledger": "/ledger",
}


@dataclass
class Fault:
    """Fault of the next calls of a path: this status, after so many seconds."""

    path: str
    status: int = 503
    times: int = 1
    delay: float = 0.0


@dataclass
class Sandbox:
    """The sandbox, as a WSGI application; `records` accepts what its check finds valid."""

    records: Records
    sanjeevani: Sanjeevani = field(default_factory=Sanjeevani)
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer one call, always in JSON."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST))
        fault = self._fault(path)
        if fault and fault.delay:
            clock.sleep(fault.delay)
        with self._lock:
            self.calls.append(f"{method} {path}")
            failed = (fault.status, {"error": "as the script says"}) if fault and fault.status else None
            status, said = failed or self._answer(method, path, body, environ)
        content = json.dumps(said, ensure_ascii=False).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start(f"{status} {HTTPStatus(status).phrase}", headers)
        return [content]

    def ledger(self) -> dict[str, Any]:
        """Return what was accepted, in order: the truth that tests compare with."""
        return {"patients": self.sanjeevani.patients, "launches": self.sanjeevani.references} | self.records.ledger()

    def _fault(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and path.startswith(fault.path):
                    fault.times -= 1
                    return fault
        return None

    def _answer(self, method: str, path: str, body: bytes, environ: dict[str, Any]) -> tuple[int, Any]:
        if path.startswith("/uat/"):
            return self.sanjeevani.answer(method, path.removeprefix("/uat"), body, environ)
        if path in ("/token", "/fhir") or path.startswith("/fhir/"):
            return self.records.answer(method, path, body, environ)
        if (method, path) == ("POST", "/sandbox"):
            return self._script(json_text.read(body))
        return (200, self.ledger() if path == "/ledger" else WELCOME) if method == "GET" else (405, WELCOME)

    def _script(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        self.faults += [Fault(**one) for one in wanted.get("faults", [])]
        self.records.updates += wanted.get("updates", [])
        return 200, {"faults": len(self.faults), "updates": len(self.records.updates)}

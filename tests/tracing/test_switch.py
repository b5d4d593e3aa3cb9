"""Traces are off: nothing of OpenTelemetry is imported. On: the collector hears of web and worker, by OTLP."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from flask import Flask
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from portal.config import ConfigError, load
from portal.tracing import switch
from tests.servers import ROOT, running_portal, wait_for

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
OFF = """
import sys
from portal.app import create_app
create_app()
ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "google.protobuf", "portal.tracing.spans")
sys.exit(str([name for name in sys.modules if name.startswith(ours)] or "") or 0)
"""


class Collector:
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[dict[str, str]]:
        """Return every span: name, trace, and its attributes as text."""
        found = []
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for span in (span for scope in resource.scope_spans for span in scope.spans):
                    about = {pair.key: str(pair.value.string_value or pair.value.int_value) for pair in span.attributes}
                    found.append({"name": span.name, "trace": span.trace_id.hex()} | about)
        return found


@pytest.fixture
def collector() -> Iterator[tuple[str, Collector]]:
    """(address, collector): a real server for OTLP over HTTP."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *line: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", kept
    server.shutdown()
    server.server_close()


def test_nothing_of_it_is_imported_while_it_is_off(config):
    """The client for Redis looks by itself for OpenTelemetry's metrics; that is not ours to stop."""
    environ = {"PATH": "/usr/bin:/bin"} | dict(config.environ)
    ran = subprocess.run(
        [sys.executable, "-c", OFF], env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr


@pytest.mark.parametrize("address", ["127.0.0.1:4318", "ftp://collector", "https:///v1/traces"])
def test_a_wrong_address_stops_the_start(config, address):
    with pytest.raises(ConfigError, match=r"must look like http://127.0.0.1:4318/v1/traces"):
        switch.init_tracing(Flask("bare"), load(dict(config.environ) | {"PORTAL_OTEL_ENDPOINT": address}))


def test_without_the_extra_the_start_says_what_to_type(config, monkeypatch):
    monkeypatch.setitem(sys.modules, "portal.tracing.spans", None)
    with pytest.raises(ConfigError, match=r"pip install 'paramarsh\[otel\]'"):
        switch.init_tracing(Flask("bare"), load(dict(config.environ) | {"PORTAL_OTEL_ENDPOINT": "http://127.0.0.1:1/"}))


def test_one_trace_leads_from_the_request_to_the_jobs_of_the_worker(collector, tmp_path):
    address, heard = collector
    settings = {"PORTAL_OTEL_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "200", "PORTAL_WEB_WORKERS": "1"}
    with running_portal(tmp_path / "var", **settings) as portal, httpx.Client(base_url=portal.url) as browser:
        token = TOKEN.findall(browser.get("/login").text)[0]
        answer = browser.post("/login?secret=canary", data={"csrf_token": token, "mobile": "9812345678"})
        request_id = answer.headers["X-Request-Id"]

        def together() -> set[str]:
            found = {span["name"] for span in heard.spans if span["trace"] == request_id}
            return found if {"POST /login", "job send_secret"} <= found else set()  # from two processes

        names = wait_for(together, "the spans of one trace")
    assert {"POST /login", "job deliver", "job send_secret"} <= names
    (request,) = [span for span in heard.spans if span["name"] == "POST /login"]
    assert request["http.response.status_code"] == "303"
    assert request["request.id"] == request_id
    everything = b"".join(heard.bodies)
    assert b"canary" not in everything
    assert b"9812345678" not in everything


def test_a_collector_that_is_down_delays_neither_page_nor_stop(tmp_path):
    settings = {"PORTAL_OTEL_ENDPOINT": "http://127.0.0.1:9/v1/traces", "PORTAL_WEB_WORKERS": "1"}
    with running_portal(tmp_path / "var", **settings) as portal:
        assert httpx.get(f"{portal.url}/login", timeout=60).status_code == 200

"""Spans of requests, jobs and outbound calls, through OpenTelemetry's own exporter in memory."""

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from portal.base import outbound
from portal.base.outbound import Answer
from portal.tasks import run_job
from portal.tracing import spans
from portal.web.access import allow
from portal.work import cause, jobs

ID = "8f14e45fceea167a5a36dedd4bea2543"


@pytest.fixture
def finished(app, db, monkeypatch):
    """finished(): the spans that have ended."""
    monkeypatch.setattr(jobs, "_through", [])
    monkeypatch.setattr(outbound, "_through", [])
    kept, provider = InMemorySpanExporter(), spans.make_provider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    spans.trace(app, provider.get_tracer("test"))
    return kept.get_finished_spans


def test_a_request_is_a_span_named_by_its_route(client, finished):
    answer = client.get("/help?of=9812345678")
    (span,) = finished()
    assert (span.name, span.kind) == ("GET /help", SpanKind.SERVER)
    assert span.context.trace_id == int(answer.headers["X-Request-Id"], 16)
    assert span.attributes["http.response.status_code"] == 200
    assert "9812345678" not in span.to_json()


def test_a_fault_marks_its_span_without_its_words(app, client, finished, monkeypatch):
    @allow("anyone")
    def fail():
        raise ZeroDivisionError("9812345678")

    monkeypatch.setitem(app.view_functions, "public.help_page", fail)
    assert client.get("/help").status_code == 500
    (span,) = finished()
    assert span.status.status_code == StatusCode.ERROR
    assert "9812345678" not in span.to_json()


def test_a_job_is_a_span_of_the_request_that_caused_it(app, finished, monkeypatch):
    monkeypatch.setitem(jobs.JOBS, "remember", lambda row_id, now: None)
    with cause.of(ID):
        run_job(app, "remember", 7)
    (span,) = finished()
    assert (span.name, span.attributes["job.row"]) == ("job remember", 7)
    assert f"{span.context.trace_id:032x}" == ID


def test_a_call_is_a_span_below_its_job_named_by_its_host(app, finished, monkeypatch):
    def call(row_id, now):
        outbound.call("POST", "https://sms.example.in/send?to=9812345678", data={"to": "9812345678"})

    monkeypatch.setitem(jobs.JOBS, "call", call)
    monkeypatch.setattr(outbound, "_addresses", lambda target: ["192.0.2.1"])
    monkeypatch.setattr(outbound, "_ask", lambda *request: Answer(202, b"ok"))
    run_job(app, "call", 1)
    inner, outer = finished()
    assert (inner.name, inner.kind, inner.parent.span_id) == (
        "POST sms.example.in",
        SpanKind.CLIENT,
        outer.context.span_id,
    )
    assert inner.attributes["http.response.status_code"] == 202
    assert "9812345678" not in inner.to_json() + outer.to_json()


def test_a_call_that_fails_marks_its_span_and_fails_as_before(finished, monkeypatch):
    monkeypatch.setattr(outbound, "_addresses", lambda target: [])
    with pytest.raises(outbound.Unreachable):
        outbound.call("GET", "https://sms.example.in/")
    (span,) = finished()
    assert span.attributes["error.type"] == "Unreachable"


@pytest.mark.parametrize("given", ["", "01J9ZZZZ4Q2W8XK3V7N5M1B0CD", "0" * 32])
def test_an_id_that_is_no_trace_id_is_left_and_a_random_one_made(given):
    with cause.of(given):
        first, second = (spans.RequestIds().generate_trace_id() for _ in range(2))
    assert first != second
    assert 0 not in {first, second}


def test_a_uuid_of_a_proxy_is_the_trace_id():
    with cause.of("0b8d6e0e-1d5c-4a53-9d5c-4a530b8d6e0e"):
        assert spans.RequestIds().generate_trace_id() == 0x0B8D6E0E1D5C4A539D5C4A530B8D6E0E

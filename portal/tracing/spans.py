"""The spans. Like the log they name routes, jobs and hosts: no paths, queries, people, texts or messages of errors.

The id of a request is the id of its trace, so the jobs that the request caused are in the same trace, whichever process
runs them, and a line of the log leads to it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask, Response, g, request
from opentelemetry.context import attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context

from portal import __version__
from portal.base import outbound
from portal.base.outbound import Answer
from portal.work import cause, jobs

EXPORT_SECONDS = 3  # less than a process has to stop
HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
SERVER_ERROR = 500


class RequestIds(RandomIdGenerator):
    """Ids of traces: of the request under way where it has the form of one, else random."""

    def generate_trace_id(self) -> int:
        """Return the id of the next trace."""
        given = cause.request_id().replace("-", "").lower()
        return (HEXADECIMAL.fullmatch(given) and int(given, 16)) or super().generate_trace_id()


def begin(app: Flask, endpoint: str) -> TracerProvider:
    """Send the spans of this process to a collector, by OTLP over HTTP."""
    provider = make_provider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=EXPORT_SECONDS)))
    trace(app, provider.get_tracer("portal"))
    return provider


def make_provider() -> TracerProvider:
    """Make a provider of this service, without a processor yet."""
    about = {"service.name": "paramarsh", "service.version": __version__}
    return TracerProvider(resource=Resource.create(about), id_generator=RequestIds())


def trace(app: Flask, tracer: Tracer) -> None:
    """Make a span of each request, job and outbound call with this tracer."""
    app.before_request(lambda: _begin_request(tracer))
    app.after_request(_note_answer)
    app.teardown_request(_end_request)
    jobs.run_through(lambda name, row_id, run: _job(tracer, name, row_id, run))
    outbound.call_through(lambda method, host, send: _call(tracer, method, host, send))


def _begin_request(tracer: Tracer) -> None:
    route = request.url_rule.rule if request.url_rule else "-"
    about = {"http.request.method": request.method, "http.route": route, "request.id": cause.request_id()}
    span = tracer.start_span(f"{request.method} {route}", kind=SpanKind.SERVER, attributes=about)
    g.span, g.span_token = span, attach(set_span_in_context(span))


def _note_answer(response: Response) -> Response:
    span: Span | None = g.get("span")
    if span is not None:
        span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= SERVER_ERROR:
            span.set_status(StatusCode.ERROR)
    return response


def _end_request(error: BaseException | None) -> None:
    """End the span, also where an error leaves Flask."""
    span: Span | None = g.pop("span", None)
    if span is not None:
        detach(g.pop("span_token"))
        _note_error(span, error)
        span.end()


def _job(tracer: Tracer, name: str, row_id: int, run: Callable[[], None]) -> None:
    about: dict[str, str | int] = {"job.name": name, "job.row": row_id, "request.id": cause.request_id()}
    with _span(tracer, f"job {name}", SpanKind.CONSUMER, about):
        run()


def _call(tracer: Tracer, method: str, host: str, send: Callable[[], Answer]) -> Answer:
    about = {"http.request.method": method, "server.address": host}
    with _span(tracer, f"{method} {host}", SpanKind.CLIENT, about) as span:
        answer = send()
        span.set_attribute("http.response.status_code", answer.status)
        return answer


@contextmanager
def _span(tracer: Tracer, name: str, kind: SpanKind, about: Mapping[str, str | int]) -> Iterator[Span]:
    """Make a span for the block. Of what raises in it, note the type alone: a message may hold what was typed."""
    span = tracer.start_span(name, kind=kind, attributes=about)
    token = attach(set_span_in_context(span))
    try:
        yield span
    except BaseException as error:
        _note_error(span, error)
        raise
    finally:
        detach(token)
        span.end()


def _note_error(span: Span, error: BaseException | None) -> None:
    if error is not None:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(StatusCode.ERROR)

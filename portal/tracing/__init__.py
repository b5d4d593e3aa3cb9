"""OpenTelemetry traces, off unless PORTAL_OTEL_ENDPOINT is set: a span for each request, job and outbound call."""

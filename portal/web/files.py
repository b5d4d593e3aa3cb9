"""Files that are written while they are sent."""

from collections.abc import Iterator

from flask import Response, current_app, stream_with_context


def streamed_csv(lines: Iterator[str], name: str) -> Response:
    """Answer with a CSV file of this name, line by line, which nobody caches."""
    response = current_app.response_class(stream_with_context(lines), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response

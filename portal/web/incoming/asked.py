"""Sanitise request data: fields, query, field names and file names without characters that cannot be stored.

JSON goes through portal/base/json_text.py, which does the same.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from portal.base.errors import NotFound
from portal.base.plain_text import storable


class Fields(ImmutableMultiDict[str, Any]):
    """Fields of a query or form, without NUL, which PostgreSQL refuses, and lone surrogates."""

    def __init__(self, given: Any = None) -> None:
        super().__init__([(storable(name), _cleaned(value)) for name, value in _pairs(given)])


class Asked(Request):
    """The request class: sanitised parameters."""

    parameter_storage_class = Fields


def init_asked(app: Flask) -> None:
    """Install the request class, and answer 404 for paths with characters that cannot be stored."""
    app.request_class = Asked
    app.before_request(refuse_odd_address)


def refuse_odd_address() -> None:
    """Answer 404 for such a path: unlike a field it is not cleaned, or it would become another path."""
    if storable(request.path) != request.path:
        raise NotFound


def _pairs(given: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(given, MultiDict):
        return given.items(multi=True)
    return given.items() if isinstance(given, dict) else given or ()


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, FileStorage) and value.filename:
        value.filename = storable(value.filename)
    return value

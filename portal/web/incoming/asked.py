"""What is asked, with every text as it can be stored: the one door for fields, queries, field names and file names.

JSON passes through portal/base/json_text.py, which cleans in the same way.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from portal.base.errors import NotFound
from portal.base.plain_text import storable


class Fields(ImmutableMultiDict[str, Any]):
    """Fields of a query or form. Neither a NUL, which PostgreSQL does not take, nor half a sign gets in."""

    def __init__(self, given: Any = None) -> None:
        super().__init__([(storable(name), _cleaned(value)) for name, value in _pairs(given)])


class Asked(Request):
    """A request as views see it."""

    parameter_storage_class = Fields


def init_asked(app: Flask) -> None:
    """Read every request in this way, and find nothing at addresses that could not be stored."""
    app.request_class = Asked
    app.before_request(refuse_odd_address)


def refuse_odd_address() -> None:
    """An address is no text of somebody's: with a NUL in it, it is another one, where nothing is."""
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

"""Parser of delivery-report webhooks in any format: query, form or JSON; one text or many in a request."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from flask import Request

from portal.api import json_text
from portal.api.web import too_big

LONGEST = 300  # characters of a value
LARGEST = 256 * 1024  # bytes of a request
MOST = 1000  # reports in one request
ENVELOPES = ("data", "response")  # form fields that hold JSON: MSG91's, Gupshup's
Fields = dict[str, str]


def read(request: Request) -> list[Fields]:
    """Parse every report of a request into its fields; one without fields is left out.

    Raises ValueError with a sentence for invalid JSON, TooBig. The declared charset is ignored: gateways declare one
    and send another, and never retry a report in a better one.
    """
    body = request.get_data(cache=True).strip()  # before the form is parsed: some send JSON as a form
    if len(body) > LARGEST:
        raise too_big(LARGEST)
    if request.is_json or _is_json(body[:1].decode("latin-1")):
        return _some(_flat(json_text.read(body), _plain(request.args)))
    values = request.values.to_dict()
    held = [values.pop(name) for name in ENVELOPES if _is_json(values.get(name, ""))]
    outer = _plain(values)
    return _some(one for text in held for one in _flat(text, outer)) if held else _some([outer])


def _flat(part: Any, outer: Fields) -> Iterator[Fields]:
    """Flatten JSON: an object with a list of objects is one report for each, with the outer fields."""
    if isinstance(part, str):
        part = json_text.read(part) if _is_json(part) else None
    if isinstance(part, list):
        for one in part:
            yield from _flat(one, outer)
    elif isinstance(part, dict):
        own = outer | _plain(part)
        inner = [one for value in part.values() for one in _flat(value, own)]
        yield from inner or [own]


def _some(found: Iterable[Fields]) -> list[Fields]:
    return [one for one in islice(found, MOST) if one]


def _is_json(text: str) -> bool:
    """Tell whether it is a JSON list or object: MSG91 and others put one into a string."""
    return text.lstrip()[:1] in {"[", "{"}


def _plain(fields: Mapping[str, Any]) -> Fields:
    simple = {name: value for name, value in fields.items() if isinstance(value, str | int | float)}
    return {str(name)[:LONGEST]: str(value)[:LONGEST] for name, value in simple.items()}

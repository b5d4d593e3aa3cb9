"""Strict parser for untrusted JSON, so that nothing gets in that the database or a later reader cannot take.

The only one: request bodies, webhooks, delivery reports and responses of other servers are parsed here.
"""

import json
import math
from typing import Any, NoReturn

from portal.base.language import gettext as _
from portal.base.plain_text import storable

DEEPEST = 32  # nesting levels; a FHIR resource has about ten
MOST_DIGITS = 300  # longer integers fit no float, and printing them takes quadratic time


def read(text: bytes | str) -> Any:
    """Parse a JSON text by RFC 8259. Raises ValueError with a sentence.

    Also refuses what Python accepts and others do not: charsets other than UTF-8, NaN and infinities, duplicate keys,
    and nesting deeper than DEEPEST. Characters that cannot be stored are removed.
    """
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        value = json.loads(
            plain, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, object_pairs_hook=_unique_names
        )
    except RecursionError:
        raise ValueError(_("The JSON is nested too deeply.")) from None
    except UnicodeDecodeError:
        raise ValueError(_("The body is not JSON in UTF-8.")) from None
    except json.JSONDecodeError:
        raise ValueError(_("The body is not JSON.")) from None
    return _storable(value, DEEPEST)


def read_object(text: bytes | str) -> dict[str, Any]:
    """Parse the JSON object another server sent; empty when it sent anything else."""
    try:
        found = read(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _storable(value: Any, levels: int) -> Any:
    """Clean every string of a value for storage (keys are clean already); `levels` is the nesting that is left."""
    if isinstance(value, str):
        return storable(value)
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        raise ValueError(_("The JSON is nested too deeply."))
    if isinstance(value, list):
        return [_storable(part, levels - 1) for part in value]
    return {name: _storable(part, levels - 1) for name, part in value.items()}


def _refuse(name: str) -> NoReturn:
    raise ValueError(_("%(name)s is no number in JSON.", name=name))


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text[:20])


def _whole(text: str) -> int:
    return int(text) if len(text) <= MOST_DIGITS else _refuse(text[:20])


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [storable(name) for name, _value in pairs]
    found = dict(zip(names, (value for _name, value in pairs), strict=True))
    if len(found) != len(pairs):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("The JSON has the name %(name)s twice in one object.", name=twice[:40]))
    return found

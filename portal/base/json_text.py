"""JSON from outside: read strictly, so that nothing gets in that the database or a reader after us stumbles over.

Everything that reads it reads it here: bodies, webhooks, reports, answers of other servers.
"""

import json
import math
from typing import Any, NoReturn

from portal.base.language import gettext as _
from portal.base.plain_text import storable

DEEPEST = 32  # brackets within brackets; a FHIR resource has about ten
MOST_DIGITS = 300  # more is beyond every float, and work without end for whoever writes it out


def read(text: bytes | str) -> Any:
    """The value of a JSON text as RFC 8259 has it. Raises ValueError with a sentence.

    Refused is also what Python takes and others do not: charsets but UTF-8, NaN and infinities, one name twice in an
    object, and more brackets within brackets than DEEPEST. Texts come out as they can be stored.
    """
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        value = json.loads(
            plain, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, object_pairs_hook=_once
        )
    except RecursionError:
        raise ValueError(_("The JSON is nested too deeply.")) from None
    except UnicodeDecodeError:
        raise ValueError(_("The body is not JSON in UTF-8.")) from None
    except json.JSONDecodeError:
        raise ValueError(_("The body is not JSON.")) from None
    return _storable(value, DEEPEST)


def read_object(text: bytes | str) -> dict[str, Any]:
    """The object another server sent; empty when it sent anything else."""
    try:
        found = read(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _storable(value: Any, levels: int) -> Any:
    """The value with every text as it can be stored; names have been seen to. So many more brackets may come."""
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


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [storable(name) for name, _value in pairs]
    found = dict(zip(names, (value for _name, value in pairs), strict=True))
    if len(found) != len(pairs):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("The JSON has the name %(name)s twice in one object.", name=twice[:40]))
    return found

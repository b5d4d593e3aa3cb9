"""JSON from outside: read strictly, so that nothing gets in that the database or a reader after us stumbles over."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from portal.core.language import gettext as _

DEEPEST = 32  # brackets within brackets; a FHIR resource has about ten
MOST_DIGITS = 300  # more is beyond every float, and work without end for whoever writes it out


def read(text: bytes | str) -> Any:
    """The value of a JSON text as RFC 8259 has it. Raises ValueError with a sentence.

    Refused is also what Python takes and others do not: NaN and infinities, one name twice in an object, signs that no
    database keeps (NUL, halves of a surrogate pair), and more brackets within brackets than DEEPEST.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError(_("The JSON is nested too deeply.")) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ValueError(_("The body is not JSON.")) from None
    for level, part in _walk(value):
        if level > DEEPEST:
            raise ValueError(_("The JSON is nested too deeply."))
        if isinstance(part, str) and not _is_storable(part):
            raise ValueError(_("The JSON holds a sign that cannot be stored (NUL or half a sign)."))
    return value


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    """Every value and every name with the number of brackets around it; without recursion, as depth is the question."""
    ahead = [(0, value)]
    while ahead:
        level, part = ahead.pop()
        yield level, part
        if level > DEEPEST:
            return
        if isinstance(part, dict):
            ahead += [(level + 1, one) for pair in part.items() for one in pair]
        elif isinstance(part, list):
            ahead += [(level + 1, one) for one in part]


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _refuse(name: str) -> NoReturn:
    raise ValueError(_("%(name)s is no number in JSON.", name=name))


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text[:20])


def _whole(text: str) -> int:
    return int(text) if len(text) <= MOST_DIGITS else _refuse(text[:20])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("The JSON has the name %(name)s twice in one object.", name=twice[:40]))
    return found

"""Sanitise text that people wrote: remove invisible and bidirectional control characters."""

import re
import unicodedata
from typing import Any

from markupsafe import Markup

from portal.base.units import spelt

LONGEST_NAME = 250  # of a person, a place, a degree: long enough to refuse nobody

# Bidirectional controls and zero-width characters: a name with U+202E is read from its end; one with U+200B looks like
# another. The joiners U+200C and U+200D stay, as Hindi needs them. So do tab and line break.
_TURNING = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_UNSEEN = re.compile(
    f"[{_TURNING}"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u180e\u2060-\u2065\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e0fff"  # zero-width
    "\ud800-\udfff]"  # lone surrogates
)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses NUL; surrogates cannot be encoded


def storable(text: str) -> str:
    """Remove what a database cannot store (NUL, lone surrogates); everything else stays as typed."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return _UNSTORABLE.sub("", text)


def all_storable(values: Any) -> Any:
    """Clean every string of a statement's parameters, also those that came by no request, such as a webhook's."""
    return [storable(value) if type(value) is str else value for value in values] if values else values


def plain(text: str) -> str:
    """Remove invisible characters."""
    return _UNSEEN.sub("", text)


def shown(value: object) -> object:
    """Sanitise a template value. Runs for every value of every template, so it is kept short.

    Markup may be long and was mostly sanitised before, so it is searched only for bidirectional controls.
    """
    if type(value) is str:
        text = value if value.isascii() else spelt(value)
        return text if text.isprintable() else _UNSEEN.sub("", text)
    if type(value) is Markup and not value.isascii() and any(sign in value for sign in _TURNING):
        return Markup(_UNSEEN.sub("", value))  # noqa: S704 nothing is added
    return value


def one_line(text: str) -> str:
    """Normalise a name: NFC, one line, single spaces, no invisible characters."""
    return " ".join(plain(unicodedata.normalize("NFC", text)).split())


def shortened(text: str, limit: int) -> str:
    """Truncate to `limit` characters, with an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

"""Text that people wrote, as it may be shown: without signs that nobody sees and that turn or hide what stands by."""

import re
import unicodedata
from typing import Any

from markupsafe import Markup

from portal.base.units import spelt

LONGEST_NAME = 250  # of a person, a place, a degree: nobody is refused for a long one

# What a keyboard does not type and a reader does not see. A name with U+202E is read from its end; one with U+200B
# looks like another. The joiners U+200C and U+200D stay: Hindi is spelt with them. So do tab and line break.
_TURNING = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_UNSEEN = re.compile(
    f"[{_TURNING}"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control signs
    "\u00ad\u180e\u2060-\u2065\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e0fff"  # without a width
    "\ud800-\udfff]"  # halves of a sign
)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, and no file or answer takes half a sign


def storable(text: str) -> str:
    """The text as every database takes it: typed words stay as they are."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return _UNSTORABLE.sub("", text)


def all_storable(values: Any) -> Any:
    """A statement's values, every text among them storable: what came by no request too, such as a gateway's answer."""
    return [storable(value) if type(value) is str else value for value in values] if values else values


def plain(text: str) -> str:
    """The text without what nobody sees."""
    return _UNSEEN.sub("", text)


def shown(value: object) -> object:
    """A value on its way into a page, made plain. Every value of every template passes here: so in few steps.

    What is marked up may be long and was text before, or has text filled in: it is searched for what does most harm.
    """
    if type(value) is str:
        text = value if value.isascii() else spelt(value)
        return text if text.isprintable() else _UNSEEN.sub("", text)
    if type(value) is Markup and not value.isascii() and any(sign in value for sign in _TURNING):
        return Markup(_UNSEEN.sub("", value))  # noqa: S704 nothing is added
    return value


def one_line(text: str) -> str:
    """A name, a place: plain, composed, in one line with single blanks."""
    return " ".join(plain(unicodedata.normalize("NFC", text)).split())


def shortened(text: str, limit: int) -> str:
    """At most so many signs, and where something is left out, it is seen."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

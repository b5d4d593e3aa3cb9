"""SMS encoding and segments (GSM 03.38): a text is GSM-7 or UCS-2, and each part is charged."""

import re
import unicodedata
from dataclasses import dataclass

_LOOKS_LIKE_ADDRESS = re.compile(r"://|www\.|[a-z]\.[a-z]{2,}", re.IGNORECASE)
SHORT_LINK = re.compile(r"[a-z0-9.-]{4,17}/s/[a-z2-7]{10}")  # the one address that a value may be: the portal's own
LONGEST_VALUE = 30  # the operators drop a message with a longer variable

# The basic character table, and the extension characters, which cost an escape. Anything else makes the text UCS-2.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")

# Typographic variants of plain characters, as word processors and phones type them: one doubles the price of a text.
_ALIKE = {
    "'": "‘’‚‛′ʼ´`",
    '"': "“”„‟″«»",
    "-": "–—―‐‑‒−•·",
    "...": "…",
    "x": "×",
    " ": "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "Rs ": "₹",
    "": "\u00ad\u200b\u2060\ufeff",
}
_TYPOGRAPHY = str.maketrans({sign: plain for plain, signs in _ALIKE.items() for sign in signs})

ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # units of a single part, of each of several


@dataclass(frozen=True)
class Segments:
    """Cost of a text: its encoding, its length in that encoding's units, and how many parts are charged."""

    encoding: str
    units: int
    parts: int

    @property
    def room(self) -> int:
        """Maximum length in units of a text with this many parts."""
        single, each = ROOM[self.encoding]
        return single if self.parts == 1 else each * self.parts


def folded(text: str) -> str:
    """Fold typographic quotes, hyphens and spaces to plain ones when that is enough to send the text as GSM-7.

    Normalise to NFC first: a decomposed é is not in the alphabet, the composed one is.
    """
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY)
    return text if beyond_gsm(plain) else plain


def beyond_gsm(text: str) -> str:
    """Return the distinct characters that force UCS-2, in order."""
    return "".join(dict.fromkeys(character for character in text if character not in _GSM | _GSM_ESCAPED))


def segments(text: str) -> Segments:
    """Count the SMS parts of a text: GSM-7 when every character allows it, else UCS-2."""
    if not beyond_gsm(text):
        return _counted("GSM-7", [2 if character in _GSM_ESCAPED else 1 for character in text])
    return _counted("UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text])


def _counted(encoding: str, widths: list[int]) -> Segments:
    """Fill the parts one after the other: an escape or surrogate pair is never split across two of them."""
    units, (single, each) = sum(widths), ROOM[encoding]
    if units <= single:
        return Segments(encoding, units, 1)
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return Segments(encoding, units, parts)


def is_plain_value(value: str) -> bool:
    """Validate a template variable: operators drop values that look like a URL, and control characters are refused."""
    hidden = any(unicodedata.category(character).startswith("C") for character in value)
    return not hidden and not _LOOKS_LIKE_ADDRESS.search(value)

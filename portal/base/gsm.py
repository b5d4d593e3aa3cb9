"""What a text costs on the way to a telephone: two alphabets, and parts that are paid for one by one (GSM 03.38)."""

import re
import unicodedata
from dataclasses import dataclass

_LOOKS_LIKE_ADDRESS = re.compile(r"://|www\.|[a-z]\.[a-z]{2,}", re.IGNORECASE)
LONGEST_VALUE = 30  # the operators drop a message with a longer variable

# The basic table of GSM 03.38 and the characters that cost an escape. Anything else makes the whole text UCS-2.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")

# What word processors and telephones write in the place of plain signs: one of them doubles the price of a text.
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
    """What a text costs: its encoding, its length in that encoding's units, and how many parts are charged."""

    encoding: str
    units: int
    parts: int

    @property
    def room(self) -> int:
        """How long a text of so many parts can be."""
        single, each = ROOM[self.encoding]
        return single if self.parts == 1 else each * self.parts


def folded(text: str) -> str:
    """The text with plain quotes, hyphens and blanks, when that is all it takes to send it as GSM-7.

    Letters are composed first: an é of two characters is none of the alphabet, the same é of one is.
    """
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY)
    return text if beyond_gsm(plain) else plain


def beyond_gsm(text: str) -> str:
    """The characters that make a text UCS-2, each once, in their order."""
    return "".join(dict.fromkeys(character for character in text if character not in _GSM | _GSM_ESCAPED))


def segments(text: str) -> Segments:
    """How the network will carry the text: GSM-7 when every character allows it, else UCS-2."""
    if not beyond_gsm(text):
        return _counted("GSM-7", [2 if character in _GSM_ESCAPED else 1 for character in text])
    return _counted("UCS-2", [2 if ord(character) > 0xFFFF else 1 for character in text])


def _counted(encoding: str, widths: list[int]) -> Segments:
    """Fill the parts one after the other: an escape pair or a surrogate pair never stands across two of them."""
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
    """May it stand in a text? Operators drop what looks like an address, and nothing may add a line."""
    hidden = any(unicodedata.category(character).startswith("C") for character in value)
    return not hidden and not _LOOKS_LIKE_ADDRESS.search(value)

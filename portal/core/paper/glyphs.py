"""Replacement of glyphs that our fonts lack: words, as an empty box on paper says nothing."""

import unicodedata
from functools import cache

from fontTools.ttLib import TTFont

from portal.base.plain_text import shown
from portal.paths import FONTS

PICTURES = "Pictures.ttf"  # only of boxes on the large-print sheet, set by its style
_SIGNS = ("So", "Sm", "Sk", "Sc")  # pictures, arrows, currency: letters of other scripts are not replaced
_COMPANIONS = {0x200D, 0x20E3, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)}  # joiners, skin tones


def printable(value: object) -> object:
    """Prepare a value for printing: plain, with every symbol that our fonts lack in words."""
    found = shown(value)
    if type(found) is not str or found.isascii():
        return found
    return "".join(sign if ord(sign) in _known() else _words(sign) for sign in found)


def _words(sign: str) -> str:
    if ord(sign) in _COMPANIONS:
        return ""
    if unicodedata.category(sign) not in _SIGNS:
        return sign
    return f"[{unicodedata.name(sign, 'sign').lower()}]"


@cache
def _known() -> frozenset[int]:
    found: set[int] = {0x200C, 0x200D}  # Hindi is spelt with these joiners
    for path in sorted(set(FONTS.glob("*.ttf")) - {FONTS / PICTURES}):
        with TTFont(path, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)

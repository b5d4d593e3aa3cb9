"""The patient's sheet: large print, in the patient's language alone, with pictures of the day; no prescription."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import segno
from markupsafe import Markup

from portal.base import language
from portal.core.consults import diagnoses
from portal.core.paper import pdf
from portal.core.paper.cards import card_of
from portal.core.paper.content import Content
from portal.settings.clinic import PageWords

STYLE = "large_print.css"
LONGEST_AMOUNT = 10  # letters that fit beside a picture, as in "1000 units" or "12½ यूनिट"
LONGEST_UNIT = 6  # letters of a unit beside its number; a longer one stands under it
NUMBER = re.compile(r"([\d./¼½¾⅓⅔ ]*[\d¼½¾⅓⅔]) (.+)")  # of an amount, and its unit
# Letters of the font of pictures (scripts/pictures.py): where something is taken, and where nothing is.
BOXES = {"morning": "🌅🌄", "noon": "☀☼", "evening": "🌇🌆", "night": "🌙🌛", "bedtime": "🛏🛌"}


def html_of(content: Content, helpline: str) -> str:
    """Render the HTML in the patient's language."""
    with language.speaking(content.language):
        return pdf.environment().get_template("large_print.html").render(_=language.gettext, **_view(content, helpline))


def request_of(stored: Mapping[str, Any]) -> bytes:
    """Return what a printing process is asked for the content of a prescription, as it is stored."""
    content = Content.from_json(stored)
    identifier = f"{content.verification_code} large print"
    return pdf.request_of(html_of(content, PageWords.in_force().helpline), identifier, style=STYLE)


def is_foreign(text: str, spoken: str) -> bool:
    """Tell whether a free text is in the other language: for a reader of Hindi, one without a Devanagari letter."""
    is_hindi = any("\u0900" <= sign <= "\u097f" for sign in text)
    return any(sign.isalpha() for sign in text) and is_hindi != (spoken == "hi")


def _boxes(day: Mapping[str, str]) -> Markup:
    """Return the pictures as letters; marked, as other texts lose the signs that their fonts lack."""
    return Markup("").join(BOXES[name][0 if amount else 1] for name, amount in day.items())


def _amounts(day: Mapping[str, str]) -> list[list[str]]:
    """Return the lines of what stands beside the pictures: one, or where that is too long the numbers over their units.

    A dot stands where nobody said how much, and for what is too long even so, as the words below the pictures say it.
    """
    parts = [NUMBER.match(amount) for amount in day.values()]
    units = [part[2] if part else "" for part in parts]
    if max(map(_width, day.values())) <= LONGEST_AMOUNT and max(map(_width, units)) <= LONGEST_UNIT:
        return [[_beside(amount) for amount in day.values()]]
    numbers = [_beside(part[1] if part else amount) for part, amount in zip(parts, day.values(), strict=True)]
    if max(map(_width, (*numbers, *units))) > LONGEST_AMOUNT:
        return [["•" if amount else "–" for amount in day.values()]]
    return [numbers, units]


def _beside(amount: str) -> str:
    return (amount if amount != "✓" else "•") or "–"


def _width(text: str) -> int:
    """Count the letters that take room: signs over and under a letter of Devanagari take none."""
    return sum(unicodedata.category(sign) != "Mn" for sign in text)


def _view(content: Content, helpline: str) -> dict[str, Any]:
    spoken = content.language
    return {
        "rx": content,
        "patient": (spoken == "hi" and content.patient.name_hi) or content.patient.name,
        "doctor": (spoken == "hi" and content.doctor.name_hi) or content.doctor.name,
        "plain": diagnoses.plain_in(content.plain, spoken),
        "cards": [card_of(item, spoken) for item in content.items],
        "made_at": content.issued_at.isoformat(),
        "qr": segno.make(content.verify_url, error="m").png_data_uri(border=0, scale=8),
        "is_foreign": lambda text: is_foreign(text, spoken),
        "helpline": helpline,
        "boxes": _boxes,
        "amounts": _amounts,
    }

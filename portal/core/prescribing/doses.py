"""Frequencies in words, and the computed quantity of a course."""

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Frequency:
    """How often: times a day (None when it depends), and the words for patients."""

    per_day: int | None
    en: str
    hi: str


FREQUENCIES = {
    "OD": Frequency(1, "once a day", "दिन में एक बार"),
    "BD": Frequency(2, "twice a day", "दिन में दो बार"),
    "TDS": Frequency(3, "three times a day", "दिन में तीन बार"),
    "QID": Frequency(4, "four times a day", "दिन में चार बार"),
    "HS": Frequency(1, "at bedtime", "सोते समय"),
    "SOS": Frequency(None, "when needed", "ज़रूरत पड़ने पर"),
    "STAT": Frequency(None, "at once", "तुरंत"),
}

# Countable units. Millilitres, drops and puffs come in bottles, whose number cannot be computed.
_PIECES = "tab|tabs|tablet|tablets|cap|caps|capsule|capsules|sachet|sachets|गोली|गोलियाँ|गोलियां|कैप्सूल"
_WHOLE = r"(?:(?P<whole>\d{1,4}(?:\.\d{1,4})?)(?:\s+|(?![\d./])))?"
_PART = r"(?:(?P<above>\d)\s*/\s*(?P<below>\d))?"
_DOSE = re.compile(rf"{_WHOLE}{_PART}\s*(?:{_PIECES})?\.?", re.IGNORECASE)


def in_words(frequency: str, language: str) -> str:
    """Translate a frequency, such as BD, into words of `en` or `hi`; an unknown one stays as written."""
    known = _known(frequency)
    if known is None:
        return frequency.strip()
    return known.hi if language == "hi" else known.en


def per_day(frequency: str) -> int | None:
    """Return the times a day; None when it depends or is unknown."""
    known = _known(frequency)
    return known.per_day if known else None


def units(dose: str) -> Fraction | None:
    """Parse the units of one dose: 1, "2 tab", "½", "1/2", "1½ tablet". None for anything uncountable."""
    # NFKC turns ½ into 1⁄2; a blank before it keeps 1½ from becoming 11/2.
    plain = unicodedata.normalize("NFKC", re.sub(r"([¼½¾])", r" \1", dose)).replace("\u2044", "/")
    match = _DOSE.fullmatch(plain.strip())
    if match is None:
        return None
    above, below = int(match["above"] or 0), int(match["below"] or 1)
    if above >= below:  # 11/2 is ambiguous (one and a half, or five and a half): no guess
        return None
    return Fraction(match["whole"] or 0) + Fraction(above, below) or None


def default_quantity(frequency: str, dose: str, days: int | None) -> int | None:
    """Compute the units for the whole course, rounded up; None when that is impossible."""
    times, pieces = per_day(frequency), units(dose)
    if times is None or pieces is None or days is None or days < 1:
        return None
    return math.ceil(times * pieces * days)


def _known(frequency: str) -> Frequency | None:
    return FREQUENCIES.get(re.sub(r"[\s.]", "", frequency).upper())

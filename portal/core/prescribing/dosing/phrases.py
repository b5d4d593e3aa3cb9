"""Vocabulary of the dose language: codes, English and Hindi, as patterns over normalised text.

Codes as Indian prescriptions have them. AD, OS and OU are left out (right ear, or alternate days; left eye, or when
needed): what can be read in two ways is not read.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from portal.base.typed import plain_digits
from portal.core.prescribing.dosing.lines import Hourly, Named, Rhythm, Spaced, Times

LONGEST = 300
MOST_PIECES = 20  # tablets at one time
SMALLEST = 4  # a quarter: "BD 5/7" is five days, "1/7" one day
PIECES = {"", "tablet", "capsule", "sachet"}
UNITS = {
    "tablet": "tab tabs tablet tablets tb tbl गोली गोलियां गोलियाँ टैबलेट टिकिया",
    "capsule": "cap caps capsule capsules कैप्सूल",
    "sachet": "sachet sachets पैकेट पाउच",
    "ml": "ml mls millilitre millilitres मिली मिलीलीटर एमएल",
    "drop": "drop drops gtt बूंद बूंदें बूँद बूँदें",
    "puff": "puff puffs inhalation inhalations पफ पफ़",
    "spray": "spray sprays स्प्रे",
    "unit": "unit units iu u यूनिट",
    "teaspoon": "tsp teaspoon teaspoons छोटा_चम्मच छोटे_चम्मच",
    "mg": "mg मिग्रा एमजी",
    "mcg": "mcg माइक्रोग्राम",
    "g": "g gm gms gram grams ग्राम",
}
NUMBERS = {
    "half": Fraction(1, 2),
    "one": Fraction(1),
    "two": Fraction(2),
    "three": Fraction(3),
    "four": Fraction(4),
    "आधा": Fraction(1, 2),
    "आधी": Fraction(1, 2),
    "एक": Fraction(1),
    "डेढ़": Fraction(3, 2),
    "दो": Fraction(2),
    "ढाई": Fraction(5, 2),
    "तीन": Fraction(3),
    "चार": Fraction(4),
}
_RHYTHMS = {
    Times(1): "od | qd | once (a day|daily) | daily once | दिन में (एक|1) बार | 1 time a day",
    Times(2): "bd | bid | bds | twice (a day|daily) | दिन में दो बार",
    Times(3): "tds | tid | thrice (a day|daily) | three times (a day|daily) | दिन में तीन बार",
    Times(4): "qid | qds | four times (a day|daily) | दिन में चार बार",
    Hourly(1): "hourly | every hour | हर घंटे",
    Named("bedtime"): "hs | qhs | (at )?bed ?time | सोते समय",
    Named("once"): "stat | at once | immediately | तुरंत",
    Named("monthly"): "monthly | once (a month|monthly) | every month | महीने में (एक|1) बार",
    Spaced(2): "(on )?alternate days? | every other day | eod | qod | एक दिन छोड़ ?कर",
    Spaced(7): "weekly | once (a week|weekly) | every week | (हफ्ते|सप्ताह) में (एक|1) बार | हर (हफ्ते|सप्ताह)",
    Spaced(7, 2): "twice (a week|weekly) | (हफ्ते|सप्ताह) में दो बार",
    Spaced(7, 3): "thrice (a week|weekly) | three times (a week|weekly) | (हफ्ते|सप्ताह) में तीन बार",
    Spaced(14): "fortnightly | every fortnight",
}
_TIMES_OF_DAY = (
    "(in the |every )?morning | सुबह( को| में)?",
    "(at )?noon | (in the )?afternoon | दोपहर( को| में)?",
    "(in the |every )?evening | शाम( को| में)?",
    "(at |every )?night | रात( को| में)?",
)
_MEALS = {
    "before": "ac | before (food|meals?|eating) | (खाना खाने|खाने|भोजन) से पहले",
    "after": "pc | after (food|meals?|eating) | (खाना खाने|खाने|भोजन) के बाद",
    "with": "with (food|meals?) | (खाने|भोजन) के साथ",
    "before_breakfast": "bbf | before breakfast | नाश्ते से पहले",
    "after_breakfast": "abf | after breakfast | नाश्ते के बाद",
    "empty": "(on )?(an )?empty stomach | खाली पेट",
}
_SITES = {
    "eyes": "(in )?(both eyes|each eye) | per eye | be | दोनों आंखों में",
    "right_eye": "(in )?(the )?right eye | re | (दाईं|दायीं|दाहिनी) आंख में",
    "left_eye": "(in )?(the )?left eye | le | (बाईं|बायीं) आंख में",
    "ears": "(in )?(both ears|each ear) | per ear | दोनों कानों में",
    "right_ear": "(in )?(the )?right ear | (दाएं|दाहिने) कान में",
    "left_ear": "(in )?(the )?left ear | (बाएं) कान में",
    "nostrils": "(in )?(both nostrils|each nostril) | per nostril | दोनों नथुनों में",
}
_FLAGS = {
    "needed": "sos | prn | (when|if|as) needed | (ज़रूरत|जरूरत) (पड़ने )?पर",
    "till_review": "((to )?continue )?(till|until) (the )?(next )?(review|visit) | अगली जांच तक",
    "daily": "daily | every day | रोज | रोज़ | रोजाना",
    "then": "then | followed by | फिर | उसके बाद",
    "taper": "taper | tapering( dose)? | falling dose",
    "and": "and | और",
    "filler": "take | give | instil | लें | दें | डालें",
}
NUMBER = r"(?:(\d{1,4})\s+(\d)/(\d)|(\d)/(\d)|(\d{1,4}(?:\.\d{1,3})?))(?![\d/]|\.\d)"
_PART = r"(?:\d{1,3}(?:\.\d{1,2})?(?:\s+\d/\d)?|\d/\d|x)"
_END = r"(?![\w\u0900-\u0963\u0970-\u097f])"
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.\s?)+[^\W\d_]\b\.?")


Make = Callable[[re.Match[str]], "Token | None"]


@dataclass(frozen=True)
class Token:
    """A phrase that was recognised. `value` depends on the kind."""

    kind: str
    value: Any = None


def normalised(text: str) -> str:
    """Normalise a text: digits of every script as 0 to 9, fractions as 1/2, lower case, one spelling of Hindi signs."""
    apart = re.sub(r"([¼½¾⅓⅔])", r" \1", text)
    plain = plain_digits(unicodedata.normalize("NFKC", apart).casefold()).replace("\u2044", "/")
    plain = re.sub("[‐‑‒–—−]", "-", plain).replace("×", "x").replace("\u093c", "").replace("\u0901", "\u0902")
    plain = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found[0]), plain)
    plain = re.sub(r"(?<=[^\W\d_])\.(?!\d)|\.$|(?<=\d)\.(?=\s)", " ", plain)  # "tab.5" stays unread
    plain = re.sub(r"(?<=\d)x(?=\s*\d)", " x ", plain)
    return re.sub(r"(?<=[^\W\d_x])-(?=[^\W\d_x])", " ", plain).strip()


def tokens(text: str) -> list[Token] | None:
    """Split a text into phrases; None when any part of it is not understood."""
    rest, found = normalised(text), []
    if len(rest) > LONGEST:
        return None
    while rest := rest.lstrip(" ,;:·()\n|"):
        hit = next(_hits(rest), None)
        if hit is None:
            return None
        length, token = hit
        rest = rest[length:]
        found.append(token)
    return [token for token in found if token.kind != "filler"]


def amount_of(match: re.Match[str], first: int) -> Fraction | None:
    """Read a NUMBER whose groups begin at `first`; None for 3/2, 1/0 and 0, and for 5/7, which means five days."""
    whole, above, below, only_above, only_below, decimal = match.groups()[first - 1 : first + 5]
    above, below = int(above or only_above or 0), int(below or only_below or 1)
    if above >= below or below > SMALLEST:  # 3/2: no guess
        return None
    return Fraction(whole or decimal or 0) + Fraction(above, below) or None


def is_too_many(text: str) -> bool:
    """Is this a bare number, or one of tablets and the like, above MOST_PIECES? It is read as no dose."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(.*)", normalised(text))
    return found is not None and Fraction(found[1]) > MOST_PIECES and found[2] in _pieces()


@cache
def _pieces() -> set[str]:
    return {"", *(normalised(word) for unit in PIECES - {""} for word in UNITS[unit].split())}


def _hits(text: str) -> Iterator[tuple[int, Token]]:
    """Yield the phrases that the text can begin with, and how long each is."""
    for pattern, make in _patterns():
        match = pattern.match(text)
        token = make(match) if match else None
        if match and token:
            yield match.end(), token


@cache
def _patterns() -> list[tuple[re.Pattern[str], Make]]:
    units = {normalised(word).replace("_", " "): unit for unit, text in UNITS.items() for word in text.split()}
    a_unit = "|".join(sorted(units, key=len, reverse=True))
    numbers = {normalised(word): value for word, value in NUMBERS.items()}
    a_word = "|".join(sorted(numbers, key=len, reverse=True))
    counted = [
        (rf"{_PART}(?:\s*[-+]\s*{_PART}){{2,3}}(?!\s*[-+/.\d])(?:\s*({a_unit}))?{_END}", _parts(units)),
        (rf"(?:x\s*|for\s+)?(\d{{1,3}})\s*(?:days?|d|दिन(?!\s+में))(?:\s+(?:तक|के लिए))?{_END}", _days(1)),
        (rf"(?:x\s*|for\s+)?(\d{{1,2}})\s*(?:weeks?|wks?|हफ्ते|हफ्ता|सप्ताह)(?:\s+(?:तक|के लिए))?{_END}", _days(7)),
        (rf"q\s*(\d{{1,2}})\s*h(?:rs?|ourly)?{_END}", _rhythm(Hourly)),
        (rf"(\d{{1,2}})\s*(?:hourly|hrly){_END}", _rhythm(Hourly)),
        (rf"every (\d{{1,2}})\s*(?:h|hrs?|hours?){_END}", _rhythm(Hourly)),
        (rf"हर (\d{{1,2}})\s*घंटे(?: (?:पर|में|बाद))?{_END}", _rhythm(Hourly)),
        (rf"every (\d{{1,2}}) days{_END}", _rhythm(Spaced)),
        (rf"हर (\d{{1,2}}) दिन(?: (?:पर|में))?{_END}", _rhythm(Spaced)),
        (rf"(\d{{1,2}}) times\s*(?:a day|daily|/\s*day|per day){_END}", _rhythm(Times)),
        (rf"दिन में (\d{{1,2}}) बार{_END}", _rhythm(Times)),
        (rf"({a_word})\s+({a_unit}){_END}", lambda m: Token("amount", (numbers[m[1]], units[m[2]]))),
        (rf"{NUMBER}(?:\s*({a_unit}){_END})?(?!\w)", _amount(units)),
    ]
    fixed = [(text, Token("rhythm", rhythm)) for rhythm, text in _RHYTHMS.items()]
    fixed += [(text, Token("slot", place)) for place, text in enumerate(_TIMES_OF_DAY)]
    fixed += [(text, Token("meal", meal)) for meal, text in _MEALS.items()]
    fixed += [(text, Token("site", site)) for site, text in _SITES.items()]
    fixed += [(text, Token(flag)) for flag, text in _FLAGS.items()]
    phrases = [(phrase.strip(), token) for text, token in fixed for phrase in re.split(r" \| ", text)]
    named = [(_phrase(phrase), token) for phrase, token in sorted(phrases, key=lambda pair: -len(pair[0]))]
    return [
        *((re.compile(pattern), _fixed(token)) for pattern, token in named),
        *((re.compile(_signs(pattern)), make) for pattern, make in counted),
    ]


def _phrase(text: str) -> str:
    return "(?:" + re.sub(r"\(", "(?:", _signs(text)) + ")" + _END


def _signs(pattern: str) -> str:
    """Spell the Hindi signs of a pattern as `normalised` does."""
    plain = unicodedata.normalize("NFKC", pattern)
    return plain.replace("\u093c", "").replace("\u0901", "\u0902")


def _fixed(token: Token) -> Make:
    return lambda _match: token


def _parts(units: dict[str, str]) -> Make:
    def make(match: re.Match[str]) -> Token | None:
        typed = match[0][: match.start(1) - match.start(0)] if match[1] else match[0]
        each = [_part(text.strip()) for text in re.split(r"[-+]", typed)]
        if None in each or not any(each):
            return None
        if len(each) == 3:
            each.insert(2, Fraction())
        return Token("parts", (tuple(each), units.get(match[1] or "", "")))

    return make


def _part(text: str) -> Fraction | None:
    if text in {"0", "x"}:
        return Fraction()
    match = re.fullmatch(NUMBER, text)
    return amount_of(match, 1) if match else None


def _days(unit: int) -> Make:
    return lambda match: Token("days", int(match[1]) * unit) if int(match[1]) else None


def _rhythm(kind: Callable[[int], Rhythm]) -> Make:
    def make(match: re.Match[str]) -> Token | None:
        rhythm = kind(int(match[1]))
        return Token("rhythm", Times(1) if rhythm == Spaced(1) else rhythm) if int(match[1]) else None

    return make


def _amount(units: dict[str, str]) -> Make:
    def make(match: re.Match[str]) -> Token | None:
        amount, unit = amount_of(match, 1), units.get(match[7] or "", "")
        is_unlikely = amount is not None and unit in PIECES and amount > MOST_PIECES  # 101 is 1-0-1, or a slip
        return None if amount is None or is_unlikely else Token("amount", (amount, unit))

    return make

"""A dose line in the patient's words, English or Hindi. What is said here is read back as the same line."""

from fractions import Fraction

from portal.core.prescribing.dosing.lines import TIMES_OF_DAY, Hourly, Line, Named, Parts, Rhythm, Spaced, Step, Times

_GLYPHS = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔"}
# One, more, and Hindi for each: a drop is one बूँद, two are बूँदें.
UNITS = {
    "": ("", "", "", ""),
    "tablet": ("tablet", "tablets", "गोली", "गोलियाँ"),
    "capsule": ("capsule", "capsules", "कैप्सूल", "कैप्सूल"),
    "sachet": ("sachet", "sachets", "पैकेट", "पैकेट"),
    "ml": ("ml", "ml", "मिली", "मिली"),
    "drop": ("drop", "drops", "बूँद", "बूँदें"),
    "puff": ("puff", "puffs", "पफ़", "पफ़"),
    "spray": ("spray", "sprays", "स्प्रे", "स्प्रे"),
    "unit": ("unit", "units", "यूनिट", "यूनिट"),
    "teaspoon": ("teaspoon", "teaspoons", "छोटा चम्मच", "छोटे चम्मच"),
    "mg": ("mg", "mg", "मिग्रा", "मिग्रा"),
    "mcg": ("mcg", "mcg", "माइक्रोग्राम", "माइक्रोग्राम"),
    "g": ("g", "g", "ग्राम", "ग्राम"),
}
_RHYTHMS: dict[Rhythm, tuple[str, str]] = {
    Times(1): ("once a day", "दिन में एक बार"),
    Times(2): ("twice a day", "दिन में दो बार"),
    Times(3): ("three times a day", "दिन में तीन बार"),
    Times(4): ("four times a day", "दिन में चार बार"),
    Hourly(1): ("every hour", "हर घंटे"),
    Spaced(2): ("on alternate days", "एक दिन छोड़कर"),
    Spaced(7): ("once a week", "हफ़्ते में एक बार"),
    Spaced(7, 2): ("twice a week", "हफ़्ते में दो बार"),
    Spaced(7, 3): ("three times a week", "हफ़्ते में तीन बार"),
    Named("bedtime"): ("at bedtime", "सोते समय"),
    Named("once"): ("at once", "तुरंत"),
    Named("monthly"): ("once a month", "महीने में एक बार"),
}
_TIMES_OF_DAY = {
    "morning": ("in the morning", "सुबह"),
    "noon": ("at noon", "दोपहर"),
    "evening": ("in the evening", "शाम"),
    "night": ("at night", "रात"),
}
_MEALS = {
    "before": ("before food", "खाना खाने से पहले"),
    "after": ("after food", "खाना खाने के बाद"),
    "with": ("with food", "खाने के साथ"),
    "before_breakfast": ("before breakfast", "नाश्ते से पहले"),
    "after_breakfast": ("after breakfast", "नाश्ते के बाद"),
    "empty": ("on an empty stomach", "खाली पेट"),
}
_SITES = {
    "eyes": ("in each eye", "दोनों आँखों में"),
    "right_eye": ("in the right eye", "दाईं आँख में"),
    "left_eye": ("in the left eye", "बाईं आँख में"),
    "ears": ("in each ear", "दोनों कानों में"),
    "right_ear": ("in the right ear", "दाएँ कान में"),
    "left_ear": ("in the left ear", "बाएँ कान में"),
    "nostrils": ("in each nostril", "दोनों नथुनों में"),
}
_NEEDED = ("when needed", "ज़रूरत पड़ने पर")
_REVIEW = ("till review", "अगली जाँच तक")
_THEN = (", then ", ", फिर ")


def line_in_words(line: Line, language: str) -> str:
    """Say a line in `en` or `hi`."""
    tongue = 1 if language == "hi" else 0
    return _THEN[tongue].join(_step(step, tongue) for step in line.steps)


def amount_in_words(amount: Fraction, unit: str, language: str) -> str:
    """Say an amount with its unit: 1½ tablets, 5 ml, 10 units, 2 बूँदें."""
    one, many, one_hi, many_hi = UNITS[unit]
    words = (one_hi, many_hi) if language == "hi" else (one, many)
    return f"{figure(amount)} {words[0 if amount <= 1 else 1]}".strip()


def days_in_words(days: int, language: str) -> str:
    """Write a number of days: 30 days."""
    return f"{days} दिन" if language == "hi" else f"{days} {'day' if days == 1 else 'days'}"


def figure(amount: Fraction) -> str:
    """Write a number as people do: 2, 1½, 0.3, 5/7."""
    whole, rest = divmod(amount, 1)
    if rest in _GLYPHS:
        return f"{whole or ''}{_GLYPHS[rest]}"
    thousandths = amount * 1000
    if thousandths.denominator == 1:
        return f"{float(amount):g}"
    return f"{whole} {rest}" if whole else str(rest)


def _step(step: Step, tongue: int) -> str:
    head = _head(step, tongue)
    rest = [_SITES[step.site][tongue] if step.site else "", _MEALS[step.meal][tongue] if step.meal else ""]
    rest += [_NEEDED[tongue] if step.needed else "", _days(step.days, tongue) if step.days else ""]
    rest += [_REVIEW[tongue] if step.till_review else ""]
    return ", ".join(part for part in (head, *rest) if part)


def _head(step: Step, tongue: int) -> str:
    language = "hi" if tongue else "en"
    amount = "" if step.amount is None else amount_in_words(step.amount, step.unit, language)
    if isinstance(step.rhythm, Parts):
        return _parts(step, step.rhythm, tongue)
    rhythm = _said(step.rhythm, tongue) if step.rhythm else ""
    return (" " if step.unit else ", ").join(filter(None, (amount, rhythm)))


def _parts(step: Step, parts: Parts, tongue: int) -> str:
    said = []
    for name, part in zip(TIMES_OF_DAY, parts.each, strict=True):
        if not part:
            continue
        time = _TIMES_OF_DAY[name][tongue]
        amount = "" if step.amount is None else amount_in_words(step.amount * part, step.unit, ("en", "hi")[tongue])
        said.append(" ".join(filter(None, (time, amount) if tongue else (amount, time))))
    return ", ".join(said)


def _said(rhythm: Rhythm, tongue: int) -> str:
    if rhythm in _RHYTHMS:
        return _RHYTHMS[rhythm][tongue]
    match rhythm:
        case Times(count):
            return (f"{count} times a day", f"दिन में {count} बार")[tongue]
        case Hourly(hours):
            return (f"every {hours} hours", f"हर {hours} घंटे पर")[tongue]
        case Spaced(days, _times):
            return (f"every {days} days", f"हर {days} दिन में")[tongue]
    return ""


def _days(days: int, tongue: int) -> str:
    return (f"for {days_in_words(days, 'en')}", f"{days_in_words(days, 'hi')} तक")[tongue]

"""A dose line in the patient's words. What is said in English or Hindi is read back as the same line."""

from fractions import Fraction

from portal.base.language import N_, speaking
from portal.base.language import gettext as _
from portal.core.prescribing.dosing.lines import TIMES_OF_DAY, Hourly, Line, Named, Parts, Rhythm, Spaced, Step, Times

_GLYPHS = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔"}
# One, and more.
UNITS = {
    "": ("", ""),
    "tablet": (N_("tablet"), N_("tablets")),
    "capsule": (N_("capsule"), N_("capsules")),
    "sachet": (N_("sachet"), N_("sachets")),
    "ml": (N_("ml"), N_("ml")),
    "drop": (N_("drop"), N_("drops")),
    "puff": (N_("puff"), N_("puffs")),
    "spray": (N_("spray"), N_("sprays")),
    "unit": (N_("unit"), N_("units")),
    "teaspoon": (N_("teaspoon"), N_("teaspoons")),
    "mg": (N_("mg"), N_("mg")),
    "mcg": (N_("mcg"), N_("mcg")),
    "g": (N_("g"), N_("g")),
}
_RHYTHMS: dict[Rhythm, str] = {
    Times(1): N_("once a day"),
    Times(2): N_("twice a day"),
    Times(3): N_("three times a day"),
    Times(4): N_("four times a day"),
    Hourly(1): N_("every hour"),
    Spaced(2): N_("on alternate days"),
    Spaced(7): N_("once a week"),
    Spaced(7, 2): N_("twice a week"),
    Spaced(7, 3): N_("three times a week"),
    Named("bedtime"): N_("at bedtime"),
    Named("once"): N_("at once"),
    Named("monthly"): N_("once a month"),
}
_TIMES_OF_DAY = {
    "morning": (N_("in the morning"), N_("%(amount)s in the morning")),
    "noon": (N_("at noon"), N_("%(amount)s at noon")),
    "evening": (N_("in the evening"), N_("%(amount)s in the evening")),
    "night": (N_("at night"), N_("%(amount)s at night")),
}
_MEALS = {
    "before": N_("before food"),
    "after": N_("after food"),
    "with": N_("with food"),
    "before_breakfast": N_("before breakfast"),
    "after_breakfast": N_("after breakfast"),
    "empty": N_("on an empty stomach"),
}
_SITES = {
    "eyes": N_("in each eye"),
    "right_eye": N_("in the right eye"),
    "left_eye": N_("in the left eye"),
    "ears": N_("in each ear"),
    "right_ear": N_("in the right ear"),
    "left_ear": N_("in the left ear"),
    "nostrils": N_("in each nostril"),
}
_NEEDED = N_("when needed")
_REVIEW = N_("till review")
_THEN = N_(", then ")


def line_in_words(line: Line, language: str) -> str:
    """Say a line in a language."""
    with speaking(language):
        return _(_THEN).join(_step(step) for step in line.steps)


def amount_in_words(amount: Fraction, unit: str, language: str) -> str:
    """Say an amount with its unit: 1½ tablets, 5 ml, 10 units, 2 बूँदें."""
    with speaking(language):
        return _amount(amount, unit)


def days_in_words(days: int, language: str) -> str:
    """Write a number of days: 30 days."""
    with speaking(language):
        return _days(days)


def figure(amount: Fraction) -> str:
    """Write a number as people do: 2, 1½, 0.3, 5/7."""
    whole, rest = divmod(amount, 1)
    if rest in _GLYPHS:
        return f"{whole or ''}{_GLYPHS[rest]}"
    thousandths = amount * 1000
    if thousandths.denominator == 1:
        return f"{float(amount):g}"
    return f"{whole} {rest}" if whole else str(rest)


def _amount(amount: Fraction, unit: str) -> str:
    one, many = UNITS[unit]
    word = one if amount <= 1 else many
    return f"{figure(amount)} {_(word)}" if word else figure(amount)


def _days(days: int) -> str:
    return _("%(days)s day", days=days) if days == 1 else _("%(days)s days", days=days)


def _step(step: Step) -> str:
    said = [_SITES[step.site] if step.site else "", _MEALS[step.meal] if step.meal else ""]
    said += [_NEEDED if step.needed else ""]
    parts = [_head(step), *(_(text) for text in said if text)]
    parts += [_("for %(days)s", days=_days(step.days)) if step.days else "", _(_REVIEW) if step.till_review else ""]
    return ", ".join(part for part in parts if part)


def _head(step: Step) -> str:
    if isinstance(step.rhythm, Parts):
        return _parts(step, step.rhythm)
    amount = "" if step.amount is None else _amount(step.amount, step.unit)
    rhythm = _said(step.rhythm) if step.rhythm else ""
    return (" " if step.unit else ", ").join(filter(None, (amount, rhythm)))


def _parts(step: Step, parts: Parts) -> str:
    said = []
    for name, part in zip(TIMES_OF_DAY, parts.each, strict=True):
        if part:
            time, amount_then = _TIMES_OF_DAY[name]
            if step.amount is None:
                said.append(_(time))
            else:
                said.append(_(amount_then, amount=_amount(step.amount * part, step.unit)))
    return ", ".join(said)


def _said(rhythm: Rhythm) -> str:
    if rhythm in _RHYTHMS:
        return _(_RHYTHMS[rhythm])
    match rhythm:
        case Times(count):
            return _("%(count)s times a day", count=count)
        case Hourly(hours):
            return _("every %(hours)s hours", hours=hours)
        case Spaced(days, _times):
            return _("every %(days)s days", days=days)
    return ""

"""Parser of typed numbers: unambiguous ones are accepted, ambiguous ones questioned, never guessed."""

import re

from portal.base.language import gettext as _
from portal.base.typed import plain, whole

# Physiological limits. Temperatures are stored in Celsius, whichever way they were typed.
VITALS = {
    "systolic": (40, 300),
    "diastolic": (20, 200),
    "pulse": (20, 300),
    "spo2": (30, 100),
    "temperature": (25, 45),
    "weight": (0.3, 400),
    "height": (20, 260),
    "glucose": (5, 1500),
}
UNITS = {
    "systolic": ("mmhg", "mm"),
    "diastolic": ("mmhg", "mm"),
    "pulse": ("/min", "permin", "min", "bpm"),
    "spo2": ("%", "percent"),
    "temperature": ("°c", "c", "°f", "f", "°"),
    "weight": ("kg", "kgs", "किलो", "किग्रा"),
    "height": ("cm", "cms", "सेमी"),
    "glucose": ("mg/dl", "mg%", "mgdl"),
}
COUNTED = {
    "duration_days": ("d", "day", "days", "दिन"),
    "quantity": ("tab", "tabs", "tablet", "tablets", "cap", "caps", "capsule", "capsules", "nos", "गोली", "गोलियां"),
}
FAHRENHEIT_FROM = 77

_FIGURE = re.compile(r"([0-9][0-9.,]*)([^0-9]*)")
_DECIMAL = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?")
_PRESSURE = re.compile(r"([0-9]{2,3})/([0-9]{2,3})(?:mmhg|mm)?\.?")

# A strength is amounts with units, of each substance: 500 mg · 50/500 mcg · 40 mg + 12.5 mg · 5 mg/5 ml · 1 lakh IU.
_AMOUNT = r"(?:[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)"
_MANY = r"(?:k|thousand|lakhs?|lacs?|crores?|millions?|billions?|लाख|हज़ार|हजार|करोड़)"
_MEASURE = (
    r"(?:mg|mgs|mgm|mgms|milligrams?|mcg|mcgs|ug|μg|micrograms?|microgm|ng|kg|g|gm|gms|gram|grams|ml|mls|cc|millilitres?"
    r"|l|ltr|litres?|dl|iu|ius|u|units?|mu|miu|ku|lsu|usp|cfu|spores?|meq|mmol|mol|mosm|mci|mbq|ppm|cm|mm|percent"
    r"|मिग्रा|मिलीग्राम|एमजी|ग्रा|ग्राम|माइक्रोग्राम|एमसीजी|मिली|मिलीलीटर|एमएल|आईयू|यूनिट|इकाई|प्रतिशत)"
)
_PIECE = (
    r"(?:(?:metered )?dose|puff|spray|actuation|inhalation|drop|h|hr|hour|day|tab|tablet|cap|capsule|sachet|packet|pack"
    r"|vial|amp|ampoule|ampule|respule|pen|bottle|tube|patch|spoon|tsp|teaspoon|scoop|piece|strip|pessary|suppository"
    r"|lozenge|गोली|खुराक|पफ|बूंद|बूँद|घंटा|दिन|चम्मच|शीशी|पैकेट)s?"
)
_ENDS = r"(?=[\s/+&,;-]|$)"
_UNIT = rf"(?:\s*-?\s*(?:{_MANY}\s*)?{_MEASURE}{_ENDS}|\s*%(?:\s*[wv]\s*/\s*[wv])?{_ENDS})"
_PER = rf"(?:\s*(?:/|\b(?:per|in|each)\b|प्रति)\s*(?:{_AMOUNT}\s*-?\s*)?(?:{_MEASURE}|{_PIECE}){_ENDS})"
# Words beside it say the release or the package ("SR", "sachet"); one that looks like a unit is a slip.
_BESIDE = r"(?:(?![^\s]*(?:mg|ml|mcg))[^\W\d_][^\s0-9/+&,;-]*)"
_ONE = (
    rf"(?:{_BESIDE}[\s-]+)*?(?:(?:{_AMOUNT}\s*[/+&]\s*)*{_AMOUNT}{_UNIT}{_PER}*|{_AMOUNT}\s*(?::|in)\s*{_AMOUNT})"
    rf"(?:[\s-]+{_BESIDE})*"
)
_HOLDS = r"(?:\s*[,;]?\s*\d{1,4}\s*(?:metered\s+)?(?:doses|puffs|sprays|actuations))?"  # an inhaler
_STRENGTH = re.compile(rf"{_ONE}(?:\s*(?:[/+&,;]|\band\b|और)\s*{_ONE})*{_HOLDS}")
_REMARK = re.compile(r"\([^()]*\)")


def vital(name: str, text: str) -> tuple[float | None, str]:
    """Parse a measured value in its stored unit, or return None and a question."""
    figure, unit = _parted(text)
    if question := _asked(figure):
        return None, question
    low, high = VITALS[name]
    wrong = _("Give a number that a patient can have, or leave it empty.")
    if not _DECIMAL.fullmatch(figure) or (unit and unit not in UNITS[name]):
        return None, wrong
    value = float(figure.replace(",", "."))
    if name == "temperature" and (unit.endswith("f") or (not unit.endswith("c") and value >= FAHRENHEIT_FROM)):
        value = round((value - 32) / 1.8, 1)
    return (value, "") if low <= value <= high else (None, wrong)


def blood_pressure(text: str) -> tuple[str, str] | None:
    """Split "130/80" into two values; None for anything else."""
    match = _PRESSURE.fullmatch(re.sub(r"\s", "", plain(text)))
    return (match[1], match[2]) if match else None


def pressure(upper: str, lower: str) -> dict[str, str]:
    """Split "130/80", typed into either field while the other is empty or says the same; nothing otherwise."""
    both = blood_pressure(upper) or blood_pressure(lower)
    if both is None:
        return {}
    for text in (upper, lower):
        if plain(text) not in {"", *both} and blood_pressure(text) != both:
            return {}
    return {"systolic": both[0], "diastolic": both[1]}


def is_strength(text: str) -> bool:
    """Tell whether a strength can be read: each figure in it with its unit, none run into another."""
    bare = _REMARK.sub(" ", plain(text))
    return bool(_STRENGTH.fullmatch(re.sub(r"(?<=[^0-9.\s])\.|\.$", "", bare).strip()))


def count(name: str, text: str, high: int) -> tuple[int | None, str]:
    """Parse a whole number from 1 to `high`, or return None and a question."""
    figure, unit = _parted(text)
    if question := _asked(figure):
        return None, question
    number = whole(figure, 1, high) if not unit or unit in COUNTED[name] else None
    return number, "" if number else _("Give a whole number from 1 to %(high)s.", high=high)


def _parted(text: str) -> tuple[str, str]:
    """Split number and unit, without blanks; two empty texts when it does not begin with a digit."""
    match = _FIGURE.fullmatch(re.sub(r"\s", "", plain(text)))
    return (match[1].rstrip("."), match[2].rstrip(".")) if match else ("", "")


def _asked(figure: str) -> str:
    """Ask about an ambiguous number: 1,500 may be one and a half or fifteen hundred."""
    if not _GROUPED.fullmatch(figure):
        return ""
    return _("Is this %(number)s? Write it without a comma.", number=figure.replace(",", ""))

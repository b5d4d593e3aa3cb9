"""Units for human readers: write micrograms as mcg, since µ misread as m has killed.

Institute for Safe Medication Practices, list of error-prone abbreviations: µg is mistaken for mg. Only codes for
machines (UCUM: ug) are another matter.
"""

import re

# The micro sign, the Greek letter, and the capital Mu that case-folding makes of both.
_MICROGRAM = re.compile("[\u00b5\u03bc\u039c]\\s?[gG](?=s?\\b|m)")
MICRO = ("\u00b5", "\u03bc", "\u039c")
_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")
# Words that follow a generic name without being part of it: salts, units, dosage and release forms.
_NOT_NAMES = frozenset(
    "mg mcg ug g gm gms ml iu unit units meq mmol kg hcl hydrochloride hydrobromide sodium potassium calcium magnesium "
    "zinc succinate tartrate bitartrate maleate besylate besilate mesylate fumarate phosphate diphosphate sulfate "
    "sulphate acetate citrate nitrate mononitrate dinitrate bromide chloride carbonate bicarbonate gluconate lactate "
    "furoate propionate dipropionate valerate palmitate stearate pamoate oxalate tosylate xinafoate trihydrate "
    "monohydrate dihydrate anhydrous medoxomil axetil proxetil sr er xr cr la od ir dr mr xl retard forte plus ds "
    "tab tabs tablet tablets cap caps capsule syrup drops cream gel ointment injection inj inhaler spray".split()
)


def spelt(text: str) -> str:
    """Write every µg of a text as mcg."""
    return _MICROGRAM.sub("mcg", text) if any(sign in text for sign in MICRO) else text


def named(drug: str) -> str:
    """Write a medicine's generic name in capitals (TPG 2020, annexure 2, field 12); leave everything else untouched.

    The name ends at the first token that is a number, unit, salt or form; after a plus another name begins.
    """
    return " + ".join(_capitals(part) for part in re.split(r"\s*\+\s*", spelt(drug)))


def _capitals(part: str) -> str:
    words = part.split(" ")
    for place, word in enumerate(words):
        is_name = _WORD.fullmatch(word) and (place == 0 or word.lower() not in _NOT_NAMES)
        if word and not is_name:
            break
        words[place] = word.upper()
    return " ".join(words)

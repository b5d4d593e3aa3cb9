"""Verification code of a prescription: verifies it at /rx/<code> and opens it for the pharmacist."""

import re
import secrets
from urllib.parse import unquote

# Crockford's alphabet: no letters that are mistaken for another (no I, L, O, U). 16 of them are 80 random bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
LONGEST_TYPED = 400  # a scanner types the whole URL of the QR

# The same separator between all groups, or none: text before and behind the code is not part of it.
_CODE = re.compile(
    r"(?<![0-9A-Z])([0-9A-TV-Z]{4})([^0-9A-Z]?)([0-9A-TV-Z]{4})\2([0-9A-TV-Z]{4})\2([0-9A-TV-Z]{4})(?![0-9A-Z])"
)
_MEANT = str.maketrans("ILO", "110")


def make_code() -> str:
    """Generate a code, such as 7K3M-0QRT-9XWA-2BCD."""
    return _grouped("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))


def normalise(text: str) -> str:
    """Normalise a typed code: any case, with or without dashes, O for 0, or within a URL; "" when there is none.

    Of several the last counts: in the QR's URL the code is at the end, and one text is one guess.
    """
    typed = unquote(text[:LONGEST_TYPED]).upper()
    whole = "".join(character for character in typed if character.isalnum()).translate(_MEANT)
    if len(whole) == LENGTH and set(whole) <= set(LETTERS):
        return _grouped(whole)
    found = ["".join(groups[:1] + groups[2:]) for groups in _CODE.findall(typed)]
    return _grouped(found[-1].translate(_MEANT)) if found else ""


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + GROUP] for start in range(0, LENGTH, GROUP))

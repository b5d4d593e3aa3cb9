"""The code on a prescription: proves it genuine at /rx/<code> and opens it for the pharmacist."""

import re
import secrets
from urllib.parse import unquote

# Crockford's letters: none that a hand or an ear mistakes for another (no I, L, O, U). 16 of them are 80 random bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
LONGEST_TYPED = 400  # a scanner types the whole address that the QR holds

# The same sign between all groups, or none: what stands before and behind the code is not taken for a part of it.
_CODE = re.compile(
    r"(?<![0-9A-Z])([0-9A-TV-Z]{4})([^0-9A-Z]?)([0-9A-TV-Z]{4})\2([0-9A-TV-Z]{4})\2([0-9A-TV-Z]{4})(?![0-9A-Z])"
)
_MEANT = str.maketrans("ILO", "110")


def make_code() -> str:
    """A new code, such as 7K3M-0QRT-9XWA-2BCD."""
    return _grouped("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))


def normalise(text: str) -> str:
    """The code as stored, from any case, with or without dashes, O for 0, or out of an address; "" when none is there.

    Of several the last is taken: in the QR's address the code is the end, and one text is one guess.
    """
    typed = unquote(text[:LONGEST_TYPED]).upper()
    whole = "".join(character for character in typed if character.isalnum()).translate(_MEANT)
    if len(whole) == LENGTH and set(whole) <= set(LETTERS):
        return _grouped(whole)
    found = ["".join(groups[:1] + groups[2:]) for groups in _CODE.findall(typed)]
    return _grouped(found[-1].translate(_MEANT)) if found else ""


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + GROUP] for start in range(0, LENGTH, GROUP))

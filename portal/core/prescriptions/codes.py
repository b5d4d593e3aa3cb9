"""The code on a prescription: proves it genuine at /rx/<code> and opens it for the pharmacist."""

import secrets

# Crockford's letters: none that a hand or an ear mistakes for another (no I, L, O, U). 16 of them are 80 random bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
LONGEST_TYPED = 60

_MEANT = str.maketrans("ILO", "110")


def make_code() -> str:
    """A new code, such as 7K3M-0QRT-9XWA-2BCD."""
    return _grouped("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))


def normalise(text: str) -> str:
    """The code as stored, from any case, with or without dashes and blanks, O for 0; "" when it cannot be one."""
    plain = "".join(character for character in text[:LONGEST_TYPED].upper() if character.isalnum()).translate(_MEANT)
    if len(plain) != LENGTH or not set(plain) <= set(LETTERS):
        return ""
    return _grouped(plain)


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + GROUP] for start in range(0, LENGTH, GROUP))

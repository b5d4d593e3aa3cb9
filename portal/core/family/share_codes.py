"""One-time codes for a prescription: three groups of four, 60 bits, so that no one meets a prescription's own code."""

from portal.base import keys
from portal.core.family.models import Share
from portal.core.paper.codes import LETTERS

LENGTH, GROUP = 12, 4
LONGEST_TYPED = 60
_MEANT = str.maketrans("ILO", "110")


def code_from(nonce: str) -> str:
    """Derive a code from a nonce, by the newest key."""
    return _codes(nonce)[0]


def code_of(share: Share) -> str:
    """Derive the code of a share, also after a key rotation; "" once its key is removed."""
    return next((code for code in _codes(share.nonce) if mark_of(code) == share.mark), "")


def mark_of(code: str) -> str:
    """Return what is stored of a code: it has too many possibilities for all to be tried."""
    return keys.fingerprint(f"share {code}")


def normalise(text: str) -> str:
    """Normalise a typed code: any case, O for 0, with or without dashes; "" when it cannot be one."""
    plain = "".join(sign for sign in text[:LONGEST_TYPED].upper() if sign.isalnum()).translate(_MEANT)
    return _grouped(plain) if len(plain) == LENGTH and set(plain) <= set(LETTERS) else ""


def _codes(nonce: str) -> list[str]:
    made = (int.from_bytes(signature[:8]) for signature in keys.signatures("share codes", nonce.encode()))
    return [_grouped("".join(LETTERS[number >> 5 * place & 31] for place in range(LENGTH))) for number in made]


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + GROUP] for start in range(0, LENGTH, GROUP))

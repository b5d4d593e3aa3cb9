"""Staff credentials: password (argon2id), one-time codes, and TOTP code, whose secret is stored sealed (S25)."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from portal.base.language import gettext as _
from portal.core.accounts.models import Staff

NOBODYS = "!"  # a hash that no password has
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no look-alikes
LENGTH = 16  # 79 random bits, so an unkeyed hash suffices
_hasher = PasswordHasher()
_SALT, _TAG = 22, 43  # characters of an encoded hash
SHORTEST, LONGEST = 12, 128  # characters of a password
LOOKED_AT = 72  # characters that zxcvbn takes at once
SAFE = 4  # zxcvbn's highest score: more than 10^10 guesses
_estimating = Lock()  # zxcvbn keeps the words of the place in a global
STEP = 30  # seconds
SKEW = (0, -1, 1)  # a telephone's clock may be half a minute off


def new_secret() -> str:
    """Generate a TOTP secret."""
    return pyotp.random_base32()


def address_of(secret: str, username: str, issuer: str) -> str:
    """Return the otpauth URI that the app scans as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def seal(secret: str) -> str:
    """Seal a TOTP secret for the database."""
    return Staff.totp_secret.seal(secret)


def step_of(sealed: str, code: str, now: datetime) -> int | None:
    """Return the TOTP time step of a code; None when it is not around now, or the secret cannot be unsealed."""
    secret = Staff.totp_secret.unseal(sealed)
    if secret is None:
        return None
    maker = pyotp.TOTP(secret, interval=STEP)
    for skew in SKEW:
        moment = now + timedelta(seconds=skew * STEP)
        if secrets.compare_digest(maker.at(moment).encode(), code.encode()):
            return int(moment.timestamp()) // STEP
    return None


def new_code() -> str:
    """Generate a one-time code that people copy by hand."""
    return "".join(secrets.choice(LETTERS) for _place in range(LENGTH))


def plain_code(typed: str) -> str:
    """Return a code as it was generated, however it was typed: in small letters, in groups, with hyphens."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def weakness(password: str, words: Iterable[str] = ()) -> str:
    """Return why a password is refused, or "". `words`: of the person and the place, which are guessed first.

    zxcvbn knows 30,000 of the passwords that leaked most often, names, common words, dates and rows of keys, also in
    capitals and with digits for letters. (ASVS 5.0 V6.2.4, V6.2.11, V6.2.12)
    """
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # 14 MB, where a new password is seen

    if not SHORTEST <= len(password) <= LONGEST:
        return _("Use at least %(shortest)s characters; a few words are easy to remember.", shortest=SHORTEST)
    with _estimating:
        found = zxcvbn(password[:LOOKED_AT], user_inputs=sorted({word for word in words if len(word) > 2}))
    if found["score"] >= SAFE:
        return ""
    if any(part.get("dictionary_name") == "user_inputs" for part in found["sequence"]):
        return _(
            "Your name, your user name and words of the clinic are guessed first. Use three or four words that have"
            " nothing to do with you or the clinic."
        )
    return _(
        "This password is easy to guess: such words, numbers and rows of keys are tried first. Use three or four words"
        " that do not belong together."
    )


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return _hasher.hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Verify a password, in constant time: for an unknown user (no hash) the same work is done."""
    try:
        return _hasher.verify(password_hash or _hash_of_nobody(), password) and password_hash is not None
    except VerificationError:
        return False
    except InvalidHashError:  # an account without a usable password takes as long as any other
        return is_right(password, None)


def _hash_of_nobody() -> str:
    """Make up a hash that no password has and that costs as much to check as any other."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${'A' * _SALT}${'A' * _TAG}"

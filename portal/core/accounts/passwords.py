"""Passwords of staff: argon2id."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_nobody = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """What is kept instead of the password."""
    return _hasher.hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Does the password fit? For an unknown user the same work is done, so that time tells nothing."""
    try:
        return _hasher.verify(password_hash or _nobody, password) and password_hash is not None
    except VerificationError:
        return False
    except InvalidHashError:  # an account without a usable password takes as long as any other
        return is_right(password, None)

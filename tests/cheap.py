"""What costs time by intention, made cheap for the tests of this process: servers that tests start are not touched."""

from argon2 import PasswordHasher

from portal.core.accounts import credentials
from portal.store import db

REAL_HASHER, REAL_PRAGMAS = credentials._hasher, dict(db.PRAGMAS)


def make_cheap() -> None:
    """Passwords are hashed in no time, and a commit does not wait for the disk: no test cuts the power."""
    use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    db.PRAGMAS["synchronous"] = "off"


def use(hasher: PasswordHasher) -> None:
    """Hash with this one, for users that are there and for those that are not."""
    credentials._hasher = hasher
    credentials._nobody = hasher.hash("nobody has this password")

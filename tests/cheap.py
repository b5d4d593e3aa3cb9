"""Make deliberately slow things cheap in this test process; servers that tests start are unaffected."""

from argon2 import PasswordHasher

from portal.core.accounts import credentials
from portal.store import db

REAL_HASHER, REAL_PRAGMAS = credentials._hasher, dict(db.PRAGMAS)


def make_cheap() -> None:
    """Use cheap password hashing, and commits without fsync, as no test cuts the power."""
    use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    db.PRAGMAS["synchronous"] = "off"


def use(hasher: PasswordHasher) -> None:
    """Install this hasher, for existing and unknown users."""
    credentials._hasher = hasher

"""The second factor of staff: the time-based code of an authenticator app, its secret sealed in the database."""

import secrets
from datetime import datetime, timedelta

import pyotp

from portal.core.accounts.models import Staff

STEP = 30  # seconds
SKEW = (0, -1, 1)  # a telephone's clock may be half a minute off


def new_secret() -> str:
    """A random secret for an authenticator app."""
    return pyotp.random_base32()


def address_of(secret: str, username: str, issuer: str) -> str:
    """What the app reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def seal(secret: str) -> str:
    """The secret as the database keeps it."""
    return Staff.totp_secret.seal(secret)


def step_of(sealed: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, None when it is none of those around now, or the secret is lost."""
    secret = Staff.totp_secret.unseal(sealed)
    if secret is None:
        return None
    maker = pyotp.TOTP(secret, interval=STEP)
    for skew in SKEW:
        moment = now + timedelta(seconds=skew * STEP)
        if secrets.compare_digest(maker.at(moment).encode(), code.encode()):
            return int(moment.timestamp()) // STEP
    return None

"""Known devices: a browser in which a number was proven before has limits of its own.

So nobody can lock a person out by asking for codes in his name from elsewhere (S23).
"""

import hmac

from portal.core.keys import random_uid, sign

KEPT_SECONDS = 180 * 24 * 3600


def remember(mobile: str, cookie: str) -> str:
    """What the cookie holds after the number was proven; a device that is known already keeps its name."""
    device = device_of(mobile, cookie) or random_uid()
    return f"{device}.{_mark(device, mobile)}"


def device_of(mobile: str, cookie: str) -> str:
    """The name of this device when the number was proven on it, else an empty text."""
    device, _, mark = cookie.partition(".")
    return device if hmac.compare_digest(mark.encode(), _mark(device, mobile).encode()) else ""


def _mark(device: str, mobile: str) -> str:
    return sign("known device", f"{device}\x1f{mobile}".encode()).hex()[:32]

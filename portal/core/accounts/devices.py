"""Known devices: a browser in which a number was proven before has limits of its own.

So nobody can lock a person out by asking for codes in his name from elsewhere (S23).
"""

from portal.core import signed
from portal.core.keys import random_uid

PURPOSE = "known device"
KEPT_SECONDS = 180 * 24 * 3600


def remember(mobile: str, cookie: str) -> str:
    """What the cookie holds after the number was proven; a device that is known already keeps its name."""
    device = device_of(mobile, cookie) or random_uid()
    return f"{device}.{signed.mark(PURPOSE, _text(device, mobile))}"


def device_of(mobile: str, cookie: str) -> str:
    """The name of this device when the number was proven on it, else an empty text."""
    device, _, mark = cookie.partition(".")
    return device if signed.is_mark(PURPOSE, mark, _text(device, mobile)) else ""


def _text(device: str, mobile: str) -> str:
    return f"{device}\x1f{mobile}"

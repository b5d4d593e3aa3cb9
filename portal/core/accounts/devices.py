"""Known devices: a browser in which somebody has signed in before has limits of its own.

So nobody can lock a person out by asking for codes, or guessing passwords, in his name from elsewhere (S23).
"""

import re

from portal.base import signed
from portal.base.keys import random_uid

PURPOSE = "known device"
KEPT_SECONDS = 180 * 24 * 3600
PEOPLE = 8  # of one browser: the family's numbers, the staff who share a computer
NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def remember(who: str, cookie: str) -> str:
    """What the cookie holds after somebody (a mobile, or a member of staff) has signed in; the newest stands first."""
    device, *marks = cookie.split(".")
    if not NAME.fullmatch(device):
        device, marks = random_uid(), []
    own = signed.mark(PURPOSE, _text(device, who))
    others = [mark for mark in marks if mark != own and not _is_of(device, who, mark)]
    return ".".join([device, own, *others[: PEOPLE - 1]])


def device_of(who: str, cookie: str) -> str:
    """The name of this device when this person has signed in on it, else an empty text."""
    device, *marks = cookie.split(".")
    return device if any(_is_of(device, who, mark) for mark in marks[:PEOPLE]) else ""


def _is_of(device: str, who: str, mark: str) -> bool:
    return signed.is_mark(PURPOSE, mark, _text(device, who))


def _text(device: str, who: str) -> str:
    return f"{device}\x1f{who}"

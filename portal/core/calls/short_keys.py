"""How a short link is written: the portal's own address, and a key of ten letters (50 bits), 30 characters at most."""

import base64

from portal.base import keys
from portal.settings.texts import TextRules

LETTERS = 10


def key_of(cause: str) -> str:
    """Return the key for a cause: the same one each time, and nobody else can make it."""
    return base64.b32encode(keys.sign("short link", cause.encode())).decode().lower()[:LETTERS]


def written(key: str) -> str:
    """Return the link of a key; "" while the clinic sends none."""
    host = TextRules.in_force().link_host()
    return f"{host}/s/{key}" if host else ""

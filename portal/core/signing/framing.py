"""Messages to and from the signing process: a JSON object, then a document's bytes."""

import json
import struct
from typing import Any

_LENGTH = struct.Struct("!I")


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Serialise a message."""
    text = json.dumps(head).encode()
    return _LENGTH.pack(len(text)) + text + body


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Parse a message; the inverse of `pack`."""
    start = _LENGTH.size
    end = start + _LENGTH.unpack(message[:start])[0]
    head: dict[str, Any] = json.loads(message[start:end])
    return head, message[end:]

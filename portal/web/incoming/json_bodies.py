"""Bodies that programs send: so many bytes and no more, and JSON read as everywhere (portal/base/json_text.py).

One convention at every door of programs: 400 for what cannot be read, 422 for what was read and is wrong.
"""

import json
from typing import Any

from flask import request

from portal.base import json_text
from portal.base.errors import PortalError, TooBig, WrongKind
from portal.base.language import gettext as _

CHARSETS = {"utf-8", "utf8", "us-ascii"}


class Unreadable(PortalError):
    """The body is no JSON, or JSON that not everybody reads alike; the message says why."""

    status = 400


def body_within(limit: int) -> bytes:
    """The body of this request. Raises TooBig for more than `limit` bytes, announced or not."""
    body = b"" if (request.content_length or 0) > limit else request.stream.read(limit + 1)
    if len(body) > limit or (request.content_length or 0) > limit:
        raise too_big(limit)
    return body


def too_big(limit: int) -> TooBig:
    """The error of a body that is larger than `limit` bytes, in words."""
    return TooBig(_("The body is larger than %(limit)s KiB.", limit=limit // 1024))


def read_json(body: bytes) -> Any:
    """What a body of this request says. Raises WrongKind for another charset than UTF-8, Unreadable with the reason."""
    require_utf8()
    try:
        return json_text.read(body)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def strict_json(body: bytes) -> str:
    """The same as a JSON text, for a model's own reader. Raises WrongKind, Unreadable."""
    return json.dumps(read_json(body))


def require_utf8() -> None:
    """Raises WrongKind when the body is announced in another charset: JSON has one (RFC 8259, 8.1)."""
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise WrongKind(_("JSON is written in UTF-8; this body is announced as %(charset)s.", charset=charset[:40]))

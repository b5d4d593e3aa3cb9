"""Request bodies of APIs and webhooks: a size limit, and strict JSON (portal/base/json_text.py).

One convention for all of them: 400 for what does not parse, 422 for what parses and is invalid.
"""

import json
from typing import Any

from flask import request

from portal.base import json_text
from portal.base.errors import PortalError, TooBig, WrongKind
from portal.base.language import gettext as _

CHARSETS = {"utf-8", "utf8", "us-ascii"}


class Unreadable(PortalError):
    """The body is not JSON, or ambiguous JSON; the message says why."""

    status = 400


def body_within(limit: int) -> bytes:
    """Read this request's body. Raises TooBig for more than `limit` bytes, announced or not."""
    body = b"" if (request.content_length or 0) > limit else request.stream.read(limit + 1)
    if len(body) > limit or (request.content_length or 0) > limit:
        raise too_big(limit)
    return body


def too_big(limit: int) -> TooBig:
    """Make the error of a body larger than `limit` bytes."""
    return TooBig(_("The body is larger than %(limit)s KiB.", limit=limit // 1024))


def read_json(body: bytes) -> Any:
    """Parse a body of this request. Raises WrongKind for a charset other than UTF-8, Unreadable with the reason."""
    require_utf8()
    try:
        return json_text.read(body)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def strict_json(body: bytes) -> str:
    """Parse strictly and serialise again, for a model's own parser. Raises WrongKind, Unreadable."""
    return json.dumps(read_json(body))


def require_utf8() -> None:
    """Raise WrongKind for an announced charset other than UTF-8 (RFC 8259, 8.1)."""
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in CHARSETS:
        raise WrongKind(_("JSON is written in UTF-8; this body is announced as %(charset)s.", charset=charset[:40]))

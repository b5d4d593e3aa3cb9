"""Exceptions of the clinic's rules. web/errors.py maps each to an HTTP status, once."""

from collections.abc import Mapping
from typing import ClassVar


class PortalError(Exception):
    """Base of the errors people see: a translated sentence, the HTTP status, and Retry-After in seconds."""

    status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class NotFound(PortalError):
    """Missing, or no permission to see it: deliberately the same answer for both."""

    status = 404


class NotAllowed(PortalError):
    """Permission denied: the function is not for this role."""

    status = 403


class Invalid(PortalError):
    """Validation error: a sentence for each wrong field; the key "" is for the form as a whole."""

    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class Conflict(PortalError):
    """Lost a compare-and-set (somebody changed it first), or the state does not allow it."""

    status = 409


class Gone(PortalError):
    """An expired link or closed room."""

    status = 410


class TooBig(PortalError):
    """Payload over the size limit."""

    status = 413


class WrongKind(PortalError):
    """Unsupported media type."""

    status = 415


class TooMany(PortalError):
    """Rate limit exceeded; `retry_after` in seconds."""

    status = 429


class Unavailable(PortalError):
    """A part of the system is down, locked or not ready yet: a retry may succeed after `retry_after` seconds."""

    status = 503


class BeingMade(Unavailable):
    """A file is being made: the browser asks for it again by itself after `retry_after` seconds."""


class OutOfService(Unavailable):
    """Something is switched off, missing or damaged: a retry does not help until somebody repairs it."""

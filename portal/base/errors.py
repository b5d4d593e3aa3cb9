"""What can go wrong, in the words of the clinic. web/errors.py maps each to HTTP, once."""

from collections.abc import Mapping
from typing import ClassVar


class PortalError(Exception):
    """Base of the errors people see: a translated sentence, and the HTTP status it maps to."""

    status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class NotFound(PortalError):
    """Not there, or not yours: told apart by nobody."""

    status = 404


class NotAllowed(PortalError):
    """The function is not for this role."""

    status = 403


class Invalid(PortalError):
    """Bad input: every wrong field with its sentence; the key "" speaks of the form as a whole."""

    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class Conflict(PortalError):
    """Someone was faster, or the state does not allow it."""

    status = 409


class Gone(PortalError):
    """A link or room that is over."""

    status = 410


class TooBig(PortalError):
    """More bytes than allowed."""

    status = 413


class WrongKind(PortalError):
    """A file of a kind we do not take."""

    status = 415


class TooMany(PortalError):
    """Too many attempts; `retry_after` in seconds."""

    status = 429


class Unavailable(PortalError):
    """A part of the system is down or not ready yet; `retry_after` in seconds."""

    status = 503


class OutOfService(Unavailable):
    """Something is switched off, missing or damaged: somebody has to mend it, and trying again does not help."""

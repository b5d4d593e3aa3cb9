"""Events of uploaded health records."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class RecordUploaded(DomainEvent, about="the record"):
    """A file was uploaded; nobody can read it before it is cleaned."""

    visit: Annotated[str | None, "uid of the visit; left out for files of a request or a referral"] = None
    request: Annotated[str | None, "uid of the request for a referral"] = None
    referral: Annotated[str | None, "uid of the referral that a medical officer attached it to"] = None


@dataclass(frozen=True)
class RecordChecked(DomainEvent, about="the record"):
    """A sanitised copy was made of the file, or it was refused."""

    state: Annotated[str, "ready, partial (something was taken out), locked or refused"]


@dataclass(frozen=True)
class RecordUnlocked(DomainEvent, about="the record"):
    """The family gave the password of a locked file."""


@dataclass(frozen=True)
class RecordRemoved(DomainEvent, about="the record"):
    """The family removed a file."""

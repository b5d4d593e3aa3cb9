"""Events of written permissions."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class PermissionScanned(DomainEvent, about="the prescription"):
    """A pharmacist added the scan of a written permission; nobody can open it before it is cleaned."""

    record: Annotated[str, "uid of the scan"]
    number: Annotated[str, "number of the letter"]


@dataclass(frozen=True)
class PermissionRead(DomainEvent, about="the prescription"):
    """A pharmacist opened the scan of a written permission."""

    record: Annotated[str, "uid of the scan"]
    number: Annotated[str, "number of the letter"]

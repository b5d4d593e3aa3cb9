"""Events of beneficiaries."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class BeneficiaryRegistered(DomainEvent, about="the person"):
    """A person of the register is registered on an account, with a patient ID."""


@dataclass(frozen=True)
class AbhaChanged(DomainEvent, about="the person"):
    """The person's ABHA number or address was set, changed or removed."""


@dataclass(frozen=True)
class ConsentGiven(DomainEvent, about="the person"):
    """The person gives consent for a purpose."""

    purpose: Annotated[str, "the purpose: sharing (documents are sent to another system), registration or consultation"]


@dataclass(frozen=True)
class ConsentWithdrawn(DomainEvent, about="the person"):
    """The person withdraws a consent."""

    purpose: Annotated[str, "the purpose: sharing (documents are sent to another system), registration or consultation"]


@dataclass(frozen=True)
class MobileCorrected(DomainEvent, about="the person's row of the change"):
    """The desk corrected the mobile of a person of the register, whose card it saw."""

    told: Annotated[bool, "both numbers are told by this event; false for others who moved along"]


@dataclass(frozen=True)
class MobileCorrectionStopped(DomainEvent, about="the person's row of the change"):
    """The old number stopped a correction: the person is back on it."""

    told: Annotated[bool, "both numbers are told by this event; false for others who moved along"]

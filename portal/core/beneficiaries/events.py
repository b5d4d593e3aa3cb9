"""What happens to the people of the scheme."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class BeneficiaryRegistered(DomainEvent, about="the person"):
    """A person of the register is registered with an account, and has a patient ID."""


@dataclass(frozen=True)
class AbhaChanged(DomainEvent, about="the person"):
    """The person's ABHA number or address was given, changed or taken away."""


@dataclass(frozen=True)
class ConsentGiven(DomainEvent, about="the person"):
    """The person agrees to a use of what the portal knows."""

    purpose: Annotated[str, "what for: sharing (documents go to another system)"]


@dataclass(frozen=True)
class ConsentWithdrawn(DomainEvent, about="the person"):
    """The person no longer agrees."""

    purpose: Annotated[str, "what for: sharing (documents go to another system)"]

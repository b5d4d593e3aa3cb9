"""What happens to referral slips."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class ReferralIssued(DomainEvent, about="the referral"):
    """A medical officer refers a person to a specialty."""

    specialty: Annotated[str, "code of the specialty"]
    urgent: Annotated[bool, "before others in the queue"]


@dataclass(frozen=True)
class ReferralExtended(DomainEvent, about="the referral"):
    """Instead of a second one the slip is good for longer."""

    until: Annotated[str, "the last day on which it is good, ISO 8601"]
    urgent: Annotated[bool, "before others in the queue"]


@dataclass(frozen=True)
class ReferralReplaced(DomainEvent, about="the old referral"):
    """A new slip takes the place of one that was still good."""

    referral: Annotated[str, "uid of the new one"]


@dataclass(frozen=True)
class ReferralCancelled(DomainEvent, about="the referral"):
    """The centre withdraws a slip."""

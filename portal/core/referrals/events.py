"""Events of referrals and of requests for them."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class ReferralIssued(DomainEvent, about="the referral"):
    """A medical officer refers a person to a specialty."""

    specialty: Annotated[str, "code of the specialty"]
    urgent: Annotated[bool, "has priority in the queue"]


@dataclass(frozen=True)
class ReferralExtended(DomainEvent, about="the referral"):
    """A referral's validity is extended, instead of issuing a second one."""

    until: Annotated[str, "the last valid day, ISO 8601"]
    urgent: Annotated[bool, "has priority in the queue"]


@dataclass(frozen=True)
class ReferralReplaced(DomainEvent, about="the old referral"):
    """A new referral replaces one that was still valid."""

    referral: Annotated[str, "uid of the new one"]


@dataclass(frozen=True)
class ReferralCancelled(DomainEvent, about="the referral"):
    """The centre withdraws a referral."""


@dataclass(frozen=True)
class ReferralEnding(DomainEvent, about="the referral"):
    """A referral with consultations left ends in a few days; once for each last day."""

    until: Annotated[str, "the last valid day, ISO 8601"]


@dataclass(frozen=True)
class ReferralRequested(DomainEvent, about="the request"):
    """The family asks the medical officer of the person's centre for a referral."""

    specialty: Annotated[str, "code of the specialty"]


@dataclass(frozen=True)
class ReferralRequestAnswered(DomainEvent, about="the request"):
    """A medical officer answered a request: with a referral, or with the reason why not."""

    outcome: Annotated[str, "referred or declined"]
    referral: Annotated[str | None, "uid of the referral; left out when declined"] = None


@dataclass(frozen=True)
class ReferralRequestWithdrawn(DomainEvent, about="the request"):
    """The family withdrew a request before it was answered."""

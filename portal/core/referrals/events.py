"""Events of referrals."""

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

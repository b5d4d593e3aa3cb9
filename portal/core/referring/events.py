"""Events of coming back."""

from dataclasses import dataclass
from typing import Annotated

from portal.work.catalogue import DomainEvent


@dataclass(frozen=True)
class FollowUpDue(DomainEvent, about="the visit at which it was set"):
    """A follow-up that a specialist has set is due tomorrow, or today after an outage; once for each date."""

    day: Annotated[str, "the clinic day to come back, ISO 8601"]
    way: Annotated[str, "what permits its token: referral, age, follow_up, or none (a new referral is needed)"]

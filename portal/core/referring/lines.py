"""A referral or a request as the family reads it."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.records.models import Record
from portal.core.referrals.models import Referral
from portal.settings.clinic import ComingBack


@dataclass(frozen=True)
class ReferralLine:
    """A valid referral. Without specialty it is to a private one and closed: it is then no more than a referral."""

    uid: str
    number: str
    person: Beneficiary
    specialty: Specialty | None
    until: date
    left: int
    total: int

    def is_near(self, today: date) -> bool:
        """May a token be asked for now? Yes: only what still can be used is listed."""
        return True


@dataclass(frozen=True)
class RequestLine:
    """A request as the family reads it; a closed one (privacy) has no specialty, complaint, answer and records."""

    uid: str
    person: RegisterEntry
    specialty: Specialty | None
    complaint: str
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str
    records: list[Record]


@dataclass(frozen=True)
class PastReferral:
    """A referral as the family reads it, whatever its state; a closed one has no specialty, reason and slip."""

    referral: Referral
    state: str
    used: int
    is_closed: bool


@dataclass(frozen=True)
class ComingFollowUp:
    """A follow-up on the family's pages; without specialty it is closed (privacy). `way`: as of FollowUpDue."""

    person: Beneficiary
    specialty: Specialty | None
    on: date
    day: date
    way: str

    def is_near(self, today: date) -> bool:
        """May its token be asked for now without a new referral?"""
        return self.way == "follow_up" and abs((self.on - today).days) <= ComingBack.in_force().followup_days

"""Which consents a person has given and withdrawn, by purpose."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from portal.core.beneficiaries.consents import CONSULTATION, REGISTRATION, is_whole
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN


@dataclass(frozen=True)
class Standing:
    """The consents of one purpose: the newest, and how many were given."""

    purpose: str
    newest: Consent
    count: int

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the newest was withdrawn; None while it stands."""
        moment: datetime | None = self.newest.withdrawn_at
        return moment

    @property
    def may_be_widened(self) -> bool:
        """Does it stand, for less than today's text names?"""
        return self.withdrawn_at is None and not is_whole(self.newest)

    @property
    def may_be_given(self) -> bool:
        """Is it withdrawn, and given on no other page?"""
        return self.withdrawn_at is not None and self.purpose == REGISTRATION


def consents_of(person: Beneficiary) -> list[Standing]:
    """List a person's consents by purpose, in the order in which they were first given."""
    found: dict[str, list[Consent]] = defaultdict(list)
    for row in Consent.select().where(Consent.beneficiary == person).order_by(Consent.id):
        found[row.purpose].append(row)
    return [Standing(purpose, rows[-1], len(rows)) for purpose, rows in found.items()]


def was_given(person: Beneficiary, purpose: str) -> bool:
    """Tell whether this consent was ever given."""
    return any(each.purpose == purpose for each in consents_of(person))


def is_needed(person: Beneficiary, purpose: str) -> bool:
    """Tell whether an open token rests on this consent."""
    is_waiting = Visit.select().where((Visit.beneficiary == person) & Visit.state.in_(OPEN)).exists()
    return purpose in (REGISTRATION, CONSULTATION) and bool(is_waiting)

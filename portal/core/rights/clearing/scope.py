"""What may go of one person."""

from dataclasses import dataclass
from datetime import date, timedelta

import peewee

from portal.core.beneficiaries.identities.models import PersonIdentity
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.visits.models import Visit


@dataclass(frozen=True)
class Scope:
    """What may go of a person: all but the visits `held`. `person` is None for who never registered on the portal.

    `until`: the last day on which it had to be kept.
    """

    entry: RegisterEntry
    person: Beneficiary | None
    until: date
    held: frozenset[int] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Is no visit held? With a held visit stays all that is needed to read it."""
        return not self.held

    @property
    def month(self) -> str:
        """The month in which it became due, such as 2029-11."""
        return f"{self.until + timedelta(days=1):%Y-%m}"

    def identities(self) -> "peewee.ModelSelect[PersonIdentity]":
        """Select the numbers elsewhere that may go; none while a visit is held."""
        mine = PersonIdentity.beneficiary == (self.person if self.is_whole else None)
        return PersonIdentity.select().where(mine)

    def visits(self) -> "peewee.ModelSelect[Visit]":
        """Select the ids of the visits that may go."""
        return Visit.select(Visit.id).where((Visit.beneficiary == self.person) & Visit.id.not_in(self.held))

"""Visits with the help of a Wellness Centre's desk: who took the token, and where the person waits."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.visits.models import Visit
from portal.store.db import BaseModel

PRESENT, BY_TELEPHONE = "present", "telephone"
WAYS = (PRESENT, BY_TELEPHONE)


class DeskHelp(BaseModel):
    """The desk that took a token. `way`: the person waits at the centre (present) or at the own telephone."""

    visit = peewee.ForeignKeyField(Visit, unique=True, on_delete="CASCADE")
    staff = peewee.ForeignKeyField(Staff)
    way = peewee.CharField(max_length=10)

    @property
    def phone(self) -> str:
        """The number at which the doctor reaches the person; empty: the one of the person's account."""
        return str(self.staff.phone) if self.way == PRESENT else ""


def help_of(visit: Visit) -> DeskHelp | None:
    """Return the desk's help with this visit, or None."""
    found: DeskHelp | None = DeskHelp.get_or_none(DeskHelp.visit == visit)
    return found

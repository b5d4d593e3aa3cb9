"""Resets of the sign-in of staff, and their events."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Staff
from portal.core.accounts.resets.wishes import Wish
from portal.work.catalogue import DomainEvent


class StaffReset(Wish):
    """A wish to reset the sign-in of a member of staff. `kind`: code, factor or identity."""

    staff = peewee.ForeignKeyField(Staff, backref="resets", on_delete="CASCADE")
    kind = peewee.CharField(max_length=8)


@dataclass(frozen=True)
class StaffResetAsked(DomainEvent, about="the member of staff"):
    """An administrator asked a second one to confirm a reset of a colleague's sign-in."""

    kind: Annotated[str, "code (a new password), factor (the second factor) or identity (one elsewhere is named)"]


@dataclass(frozen=True)
class StaffResetConfirmed(DomainEvent, about="the member of staff"):
    """A second administrator confirmed it: who asked may do it for half an hour. The person is told too."""

    kind: Annotated[str, "code, factor or identity"]
    asked_by: Annotated[str, "the administrator who asked"]

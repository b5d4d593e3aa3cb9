"""Identities of staff elsewhere, as an administrator named them."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Staff
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class StaffIdentity(UidModel):
    """An identity of a member of staff at a plugin's sign-in.

    `known_as`: the e-mail address or the subject that the administrator typed. `subject`: the identity's own, which
    never changes; bound at the first sign-in, so that an address given to somebody else later opens nothing.
    """

    staff = peewee.ForeignKeyField(Staff, on_delete="CASCADE", backref="identities")
    plugin = peewee.CharField(max_length=40)
    known_as = peewee.CharField(max_length=200)
    subject = peewee.CharField(max_length=200, null=True)
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("plugin", "known_as"), True), (("plugin", "subject"), True))


@dataclass(frozen=True)
class StaffIdentityNamed(DomainEvent, about="the member of staff"):
    """An administrator named an identity elsewhere with which this person may sign in."""

    plugin: Annotated[str, "the plugin of that sign-in"]


@dataclass(frozen=True)
class StaffIdentityRemoved(DomainEvent, about="the member of staff"):
    """An identity elsewhere no longer opens this person's account."""

    plugin: Annotated[str, "the plugin of that sign-in"]


@dataclass(frozen=True)
class StaffIdentityBound(DomainEvent, about="the member of staff"):
    """The first sign-in with an identity elsewhere: from now on this one alone, also when its address is given away."""

    plugin: Annotated[str, "the plugin of that sign-in"]

"""Table of openings of somebody's record, and their event."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.resets.wishes import Wish
from portal.core.beneficiaries.models import Beneficiary
from portal.work.catalogue import DomainEvent


class Opening(Wish):
    """Why an administrator reads somebody's record, and until when.

    `with_private`: what is of a private specialty was asked for too.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="openings", on_delete="CASCADE")
    reason = peewee.CharField(max_length=300)
    with_private = peewee.BooleanField(default=False)


@dataclass(frozen=True)
class RecordOpened(DomainEvent, about="the person"):
    """An administrator may read a person's record for half an hour; the family is told."""

    reason: Annotated[str, "why, in the administrator's words"]
    alone: Annotated[bool, "nobody else confirmed it, as the setting asks for nobody"]
    with_private: Annotated[bool, "what is of a private specialty is open too"] = False

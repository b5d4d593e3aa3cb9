"""Table of openings of somebody's record, and their event."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class Opening(UidModel):
    """Why an administrator reads somebody's record, and until when. `ends_at` is empty until it is open.

    `confirmed_by`: the second person; empty where the setting asks for none. `with_private`: what is of a private
    specialty was asked for too.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="openings", on_delete="CASCADE")
    reason = peewee.CharField(max_length=300)
    asked_by = peewee.ForeignKeyField(Staff, backref="openings")
    asked_at = UTCDateTimeField(index=True)
    confirmed_by = peewee.ForeignKeyField(Staff, null=True, backref="openings_confirmed")
    ends_at = UTCDateTimeField(null=True)
    with_private = peewee.BooleanField(default=False)


@dataclass(frozen=True)
class RecordOpened(DomainEvent, about="the person"):
    """An administrator may read a person's record for half an hour; the family is told."""

    reason: Annotated[str, "why, in the administrator's words"]
    alone: Annotated[bool, "nobody else confirmed it, as the setting asks for nobody"]
    with_private: Annotated[bool, "what is of a private specialty is open too"] = False

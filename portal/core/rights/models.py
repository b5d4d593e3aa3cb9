"""Tables of people's rights: copies of everything, cases with their steps, nominees, closings; and their event."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent

GRIEVANCE, CORRECTION, ERASURE = "grievance", "correction", "erasure"  # kinds of cases
NEW, WORKING, ANSWERED = "new", "working", "answered"  # their states
UNANSWERED = (NEW, WORKING)  # asked for by name: "not answered" has no index
DONE, REFUSED = "done", "refused"  # and outcomes


class DataCopy(UidModel):
    """A ZIP of all that is kept of one person, made by the worker, deleted at `ends_at`.

    `with_private`: it holds past visits to private specialties, as a code had opened them for who asked. `done` of
    `total` files are packed; `size` in bytes; `tries` counts attempts, `next_at` is the next retry.
    """

    account = peewee.ForeignKeyField(Account)
    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="data_copies")
    with_private = peewee.BooleanField(default=False)
    language = peewee.CharField(max_length=2)
    asked_at = UTCDateTimeField()
    done = peewee.IntegerField(default=0)
    total = peewee.IntegerField(default=0)
    size = peewee.BigIntegerField(default=0)
    sha256 = peewee.CharField(max_length=64, default="")
    stored_at = UTCDateTimeField(null=True)
    ends_at = UTCDateTimeField(null=True, index=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)


class Case(UidModel):
    """A grievance, or a request for correction or erasure, with its number and the last day for an answer.

    `state` is new, working or answered; `outcome` done or refused once answered. `beneficiary`: whom it is about; empty
    where a grievance names nobody.
    """

    number = peewee.CharField(max_length=24, unique=True)
    kind = peewee.CharField(max_length=10)
    account = peewee.ForeignKeyField(Account, backref="cases")
    beneficiary = peewee.ForeignKeyField(Beneficiary, null=True, backref="cases")
    text = peewee.CharField(max_length=1000)
    state = peewee.CharField(max_length=8, default="new", index=True)
    outcome = peewee.CharField(max_length=8, default="")
    asked_at = UTCDateTimeField()
    due_on = peewee.DateField(index=True)
    answered_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "rights_case"  # CASE is a word of SQL


class CaseStep(BaseModel):
    """One step of a case: asked, added (both by the family), working or answered (by staff). Append-only."""

    case = peewee.ForeignKeyField(Case, backref="steps")
    at = UTCDateTimeField()
    kind = peewee.CharField(max_length=8)
    staff = peewee.ForeignKeyField(Staff, null=True)
    text = peewee.CharField(max_length=1000, default="")


class Nominee(UidModel):
    """Whom a person names to use these rights after death or in incapacity (DPDP Act 2023 s.14)."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="nominees")
    name = NameField()
    relation = peewee.CharField(max_length=40)
    mobile = peewee.CharField(max_length=16)
    named_at = UTCDateTimeField()
    withdrawn_at = UTCDateTimeField(null=True)


class Closing(UidModel):
    """An account closed for a person who asked for deletion: the record stays until its day, the contact is masked.

    `mobile` is empty once no text to it is on its way any more.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="closings")
    account = peewee.ForeignKeyField(Account, backref="closings")
    case = peewee.ForeignKeyField(Case, backref="closings")
    staff = peewee.ForeignKeyField(Staff, backref="closings")
    closed_at = UTCDateTimeField()
    mobile = peewee.CharField(max_length=16, default="", index=True)


@dataclass(frozen=True)
class CaseAnswered(DomainEvent, about="the case"):
    """A grievance or request is answered."""

    outcome: Annotated[str, "done or refused"]
    late: Annotated[bool, "after its last day"]

"""Tables of retention: runs with their reports, who was cleared, doomed files; and the event."""

from dataclasses import dataclass

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class RetentionRun(UidModel):
    """A dry run, which only counts, or a run that deletes what was to be kept until before `day`.

    `years` and `child_until` are the settings it was begun with. It goes on from `phase` and `cursor`, the id last
    looked at. `counts`: rows by kind and by the month in which they became due. `people` are those whose records went
    (or would), `held` those under a legal hold, `failed` those that could not be done and are tried in the next run.
    A dry run is confirmed by an administrator before anything is deleted.
    """

    is_dry = peewee.BooleanField()
    day = peewee.DateField()
    years = peewee.IntegerField()
    child_until = peewee.IntegerField()
    asked_by = peewee.ForeignKeyField(Staff, null=True, backref="retention_runs")
    started_at = UTCDateTimeField()
    finished_at = UTCDateTimeField(null=True)
    confirmed_at = UTCDateTimeField(null=True)
    confirmed_by = peewee.ForeignKeyField(Staff, null=True, backref="retention_confirmed")
    phase = peewee.CharField(max_length=10, default="people")
    cursor = peewee.IntegerField(default=0)
    counts = peewee.JSONField(default=dict)
    people = peewee.IntegerField(default=0)
    held = peewee.IntegerField(default=0)
    failed = peewee.IntegerField(default=0)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)

    @property
    def total(self) -> int:
        """Rows of all kinds and months."""
        return sum(number for months in self.counts.values() for number in months.values())


class Cleared(BaseModel):
    """A person whose records are deleted. Looked at again only when what came since can be due."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, unique=True, backref="cleared")
    at = UTCDateTimeField(index=True)


class DoomedFile(BaseModel):
    """A file whose row is deleted. It is deleted after the commit; after a crash, by the sweep."""

    folder = peewee.CharField(max_length=16)
    name = peewee.CharField(max_length=60)


@dataclass(frozen=True)
class VisitCleared(DomainEvent, about="the visit"):
    """What was kept of a visit is deleted, as its retention is over: what a plugin keeps of it has to go, too."""

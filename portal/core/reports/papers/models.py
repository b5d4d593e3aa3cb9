"""Tables of printed and mailed reports. They hold counts, nothing of a person."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class ReportPrint(BaseModel):
    """A report as PDF. `wish`: the parameters of its address; `content` is kept for a day and can be made anew.

    `key` is one for each wish, language and count, so that pressing twice makes one file.
    """

    key = peewee.CharField(max_length=64, unique=True)
    wish = peewee.JSONField()
    language = peewee.CharField(max_length=2)
    asked_at = UTCDateTimeField(index=True)
    content = peewee.BlobField(null=True)
    stored_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)


class ReportMail(UidModel):
    """The mail of one week or month that is over. `state`: new, sent, failed (given up), or left (nobody to send by).

    `period`: "week 2026-11-23" or "month 2026-11-01", by its first day: one mail each, also with two workers.
    """

    period = peewee.CharField(max_length=16, unique=True)
    first = peewee.DateField()
    last = peewee.DateField()
    state = peewee.CharField(max_length=8, default="new")
    error = peewee.CharField(max_length=200, default="")
    sent_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)


def last_mail() -> ReportMail | None:
    """Return the newest mail that was sent or given up."""
    over: ReportMail | None = (
        ReportMail.select().where(ReportMail.state != "new").order_by(ReportMail.id.desc()).first()
    )
    return over


@dataclass(frozen=True)
class ReportMailed(DomainEvent, about="the mail"):
    """The report of a week or month was handed to the mail server."""

    period: Annotated[str, "week or month, and its first day"]
    addresses: Annotated[int, "to how many addresses"]


@dataclass(frozen=True)
class ReportMailFailed(DomainEvent, about="the mail"):
    """The report of a week or month could not be mailed; nobody tries again."""

    period: Annotated[str, "week or month, and its first day"]

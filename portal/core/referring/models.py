"""Printed slips of referrals, and reminders of follow-ups."""

import peewee

from portal.core.referrals.models import Referral
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UTCDateTimeField


class ReferralSlip(BaseModel):
    """The PDF of a referral. It can be made anew at any time: `edition` rises with every order.

    `tries` counts attempts to make this edition, `next_at` is the next retry.
    """

    referral = peewee.ForeignKeyField(Referral, unique=True, backref="slips")
    edition = peewee.IntegerField(default=1)
    sha256 = peewee.CharField(max_length=64, default="")
    stored_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)


class FollowUpReminder(BaseModel):
    """A reminder of the follow-up that was set at a visit. The row is what keeps it from being sent twice."""

    visit = peewee.ForeignKeyField(Visit, backref="reminders")
    day = peewee.DateField()
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("visit", "day"), True),)

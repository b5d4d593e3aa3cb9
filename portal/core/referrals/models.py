"""Referral slips."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.store.db import UidModel, UTCDateTimeField


class Referral(UidModel):
    """A medical officer's slip for one person and one specialty. Used up by completed visits only.

    A person has one valid slip for a specialty. Those who had several before that was the rule keep them; the later
    ones name the first in `shares`, and together they pay for no more than one of them alone.
    """

    number = peewee.CharField(max_length=24, unique=True)
    entry = peewee.ForeignKeyField(RegisterEntry, backref="referrals")
    specialty = peewee.ForeignKeyField(Specialty, backref="referrals")
    centre = peewee.ForeignKeyField(Centre, backref="referrals")
    officer = peewee.ForeignKeyField(Staff, backref="referrals")
    reason = peewee.CharField(max_length=500)
    urgent = peewee.BooleanField(default=False)
    issued_at = UTCDateTimeField()
    valid_until = peewee.DateField()
    max_consults = peewee.IntegerField()
    cancelled_at = UTCDateTimeField(null=True)
    shares = peewee.ForeignKeyField("self", null=True, backref="sharing")

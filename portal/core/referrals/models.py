"""Referrals."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.store.db import UidModel, UTCDateTimeField


class Referral(UidModel):
    """A medical officer's referral of one person to one specialty. Only completed visits use it up.

    A person has one valid referral per specialty. Older data may have several: the later ones point to the first by
    `shares`, and together they allow no more consultations than one.
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

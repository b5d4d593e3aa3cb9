"""Referrals, and requests for them."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.store.db import UidModel, UTCDateTimeField


class Referral(UidModel):
    """A medical officer's referral of one person to one specialty. Only completed visits use it up.

    A person has one valid referral per specialty. Older data may have several: the later ones point to the first by
    `shares`, and together they allow no more consultations than one. `cancelled_by` is empty where a newer one took its
    place. `answer_noted_at`: when an officer last noted what the specialist answered.
    `ending_told_at`: when the family was told that it ends soon.
    """

    number = peewee.CharField(max_length=24, unique=True)
    entry = peewee.ForeignKeyField(RegisterEntry, backref="referrals")
    specialty = peewee.ForeignKeyField(Specialty, backref="referrals")
    centre = peewee.ForeignKeyField(Centre, backref="referrals")
    officer = peewee.ForeignKeyField(Staff, backref="referrals")
    reason = peewee.CharField(max_length=500)
    urgent = peewee.BooleanField(default=False)
    issued_at = UTCDateTimeField(index=True)
    valid_until = peewee.DateField(index=True)
    max_consults = peewee.IntegerField()
    cancelled_at = UTCDateTimeField(null=True)
    cancelled_by = peewee.ForeignKeyField(Staff, null=True, backref="withdrawn_referrals")
    cancel_reason = peewee.CharField(max_length=200, default="")
    answer_noted_at = UTCDateTimeField(null=True)
    ending_told_at = UTCDateTimeField(null=True)
    shares = peewee.ForeignKeyField("self", null=True, backref="sharing")


class ReferralRequest(UidModel):
    """A family's "please refer me", answered by a medical officer of the person's centre.

    `state`: open, referred (by `referral`), declined (`answer` says why, the family reads it) or withdrawn.
    `open_key` is unique among open requests: a person has one for each specialty.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="referral_requests")
    specialty = peewee.ForeignKeyField(Specialty)
    complaint = peewee.CharField(max_length=500)
    state = peewee.CharField(max_length=10, default="open", index=True)
    asked_at = UTCDateTimeField(index=True)
    answered_at = UTCDateTimeField(null=True)
    officer = peewee.ForeignKeyField(Staff, null=True, backref="answered_requests")
    answer = peewee.CharField(max_length=500, default="")
    referral = peewee.ForeignKeyField(Referral, null=True, backref="requests")
    open_key = peewee.CharField(max_length=24, null=True, unique=True)

"""Referrals, and what happens to them."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Centre, Specialty
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class Referral(UidModel):
    """A medical officer's referral of one person to one specialty. Only completed visits use it up.

    A person has one valid referral per specialty. Older data may have several: the later ones point to the first by
    `shares`, and together they allow no more consultations than one. `cancelled_by` is empty where a newer one took its
    place. `answer_noted_at`: when an officer last noted what the specialist answered.
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
    cancelled_by = peewee.ForeignKeyField(Staff, null=True, backref="withdrawn_referrals")
    cancel_reason = peewee.CharField(max_length=200, default="")
    answer_noted_at = UTCDateTimeField(null=True)
    shares = peewee.ForeignKeyField("self", null=True, backref="sharing")


@dataclass(frozen=True)
class ReferralIssued(DomainEvent, about="the referral"):
    """A medical officer refers a person to a specialty."""

    specialty: Annotated[str, "code of the specialty"]
    urgent: Annotated[bool, "has priority in the queue"]


@dataclass(frozen=True)
class ReferralExtended(DomainEvent, about="the referral"):
    """A referral's validity is extended, instead of issuing a second one."""

    until: Annotated[str, "the last valid day, ISO 8601"]
    urgent: Annotated[bool, "has priority in the queue"]


@dataclass(frozen=True)
class ReferralReplaced(DomainEvent, about="the old referral"):
    """A new referral replaces one that was still valid."""

    referral: Annotated[str, "uid of the new one"]


@dataclass(frozen=True)
class ReferralCancelled(DomainEvent, about="the referral"):
    """The centre withdraws a referral."""

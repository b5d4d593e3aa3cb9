"""What opens private visits: one-time codes, the person's PIN and who may set it, and which sign-in has opened them."""

import peewee

from portal.core.accounts.models import SignIn, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import BaseModel, UidModel, UTCDateTimeField


class VisitCode(UidModel):
    """A code that opens a person's private visits. Not stored: it is derived from the nonce, like an OTP.

    Once used, it holds the sign-in that has used it.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="visit_codes")
    nonce = peewee.CharField(max_length=32)
    given_by = peewee.ForeignKeyField(Staff)
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)
    sign_in = peewee.ForeignKeyField(SignIn, null=True, on_delete="SET NULL")


class Pin(BaseModel):
    """A person's own PIN, as an argon2id hash."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, unique=True, backref="pins")
    pin_hash = peewee.CharField(max_length=200)
    set_at = UTCDateTimeField()


class PinOffer(BaseModel):
    """A token of a private specialty was asked for in a sign-in, which may set the person's PIN for a while."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="pin_offers")
    sign_in = peewee.ForeignKeyField(SignIn, on_delete="CASCADE")
    offered_at = UTCDateTimeField()


class PrivateOpening(BaseModel):
    """A person's private visits are open in a sign-in for a while from `opened_at`, by a code or the PIN."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="openings")
    sign_in = peewee.ForeignKeyField(SignIn, on_delete="CASCADE")
    opened_at = UTCDateTimeField()

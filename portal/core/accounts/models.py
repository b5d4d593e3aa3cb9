"""Accounts (a mobile each), staff, sign-ins and OTP challenges."""

import peewee

from portal.base.plain_text import LONGEST_NAME
from portal.core.clinic.models import Centre, Specialty
from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.store.sealed import SealedField


class Account(UidModel):
    """One mobile. It often serves a family, so it is never a person."""

    mobile = peewee.CharField(max_length=16, unique=True)
    language = peewee.CharField(max_length=2, default="en")
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True, index=True)


class Staff(UidModel):
    """A person who works here, in one role."""

    username = peewee.CharField(max_length=40, unique=True)
    role = peewee.CharField(max_length=16, index=True)
    name = peewee.CharField(max_length=LONGEST_NAME)
    name_hi = peewee.CharField(max_length=LONGEST_NAME, default="")
    language = peewee.CharField(max_length=2, default="en")
    centre = peewee.ForeignKeyField(Centre, null=True, backref="staff")
    specialty = peewee.ForeignKeyField(Specialty, null=True, backref="staff")
    qualification = peewee.CharField(max_length=LONGEST_NAME, default="")
    registration_number = peewee.CharField(max_length=40, default="")
    phone = peewee.CharField(max_length=20, default="")
    email = peewee.CharField(max_length=120, default="")
    password_hash = peewee.CharField(max_length=200)
    totp_secret = SealedField("totp secrets", default="")
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True)


class SignIn(BaseModel):
    """One signed-in browser. The cookie holds the key, the database only its fingerprint."""

    key_hash = peewee.CharField(max_length=64, unique=True)
    account = peewee.ForeignKeyField(Account, null=True, on_delete="CASCADE")
    staff = peewee.ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    created_at = UTCDateTimeField()
    seen_at = UTCDateTimeField()
    ends_at = UTCDateTimeField()
    stepped_up_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True, index=True)  # web processes ask who has just ended


class OtpChallenge(UidModel):
    """One sent code. The code itself is nowhere: it is derived from the nonce with a key outside the database."""

    mobile = peewee.CharField(max_length=16, index=True)
    nonce = peewee.CharField(max_length=32)
    language = peewee.CharField(max_length=2)
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    tries = peewee.IntegerField(default=0)
    used_at = UTCDateTimeField(null=True)
    sign_in = peewee.ForeignKeyField(SignIn, null=True, on_delete="SET NULL")  # the one that it has begun


class RecoveryCode(BaseModel):
    """A code on paper, in place of the authenticator app: good once. The database keeps only its fingerprint."""

    staff = peewee.ForeignKeyField(Staff, on_delete="CASCADE")
    code_hash = peewee.CharField(max_length=64, unique=True)
    used_at = UTCDateTimeField(null=True)

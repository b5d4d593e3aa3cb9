"""Passkeys of mobiles: the fingerprint or screen lock of a phone in place of the SMS."""

from dataclasses import dataclass

import peewee

from portal.core.accounts.models import Account
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class AccountPasskey(UidModel):
    """A key of one phone that signs in a mobile's account, as an OTP does. `key`, `public_key`: base64url.

    `device`: the browser's name as a known device. `proven_at`: when an OTP last reached the mobile in that browser.
    """

    account = peewee.ForeignKeyField(Account, on_delete="CASCADE", backref="passkeys")
    key = peewee.CharField(max_length=1400, unique=True)
    public_key = peewee.TextField()
    sign_count = peewee.BigIntegerField(default=0)
    device = peewee.CharField(max_length=22, index=True)
    created_at = UTCDateTimeField()
    proven_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "account_passkey"


@dataclass(frozen=True)
class AccountPasskeyAdded(DomainEvent, about="the account"):
    """A family can sign in with the lock of one phone, without an SMS."""


@dataclass(frozen=True)
class AccountPasskeyUsed(DomainEvent, about="the account"):
    """Somebody signed in with the lock of a phone in place of a one-time password."""


@dataclass(frozen=True)
class AccountPasskeyRemoved(DomainEvent, about="the account"):
    """A family removed the sign-in with the lock of a phone."""


@dataclass(frozen=True)
class AccountPasskeysCancelled(DomainEvent, about="the account"):
    """The mobile changed hands or its account was closed: the lock of no phone opens it any more."""

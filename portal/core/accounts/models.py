"""Accounts (a mobile each), staff, sign-ins and OTP challenges."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import peewee

from portal.core.clinic.models import Centre, Specialty
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField
from portal.store.sealed import SealedField
from portal.work.catalogue import DomainEvent


class Account(UidModel):
    """An account, one per mobile number. Often shared by a family, so never a person."""

    mobile = peewee.CharField(max_length=16, unique=True)
    language = peewee.CharField(max_length=2, default="en")
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True, index=True)


def account_of(mobile: str, language: str, *, now: datetime) -> Account:
    """Return the account of a mobile number, made in this language if there is none."""
    Account.insert(mobile=mobile, language=language, created_at=now).on_conflict_ignore().execute()
    found: Account = Account.get(Account.mobile == mobile)
    return found


class Staff(UidModel):
    """A member of staff, with one role."""

    username = peewee.CharField(max_length=40, unique=True)
    role = peewee.CharField(max_length=16, index=True)
    name = NameField()
    name_hi = NameField(default="")
    language = peewee.CharField(max_length=2, default="en")
    centre = peewee.ForeignKeyField(Centre, null=True, backref="staff")
    specialty = peewee.ForeignKeyField(Specialty, null=True, backref="staff")
    qualification = NameField(default="")
    qualification_hi = NameField(default="")
    registration_number = peewee.CharField(max_length=40, default="")
    phone = peewee.CharField(max_length=20, default="")
    email = peewee.CharField(max_length=120, default="")
    password_hash = peewee.CharField(max_length=200)
    choose_until = UTCDateTimeField(
        null=True
    )  # set: the hash is of a one-time code, for choosing a password until then
    totp_secret = SealedField("totp secrets", default="")
    created_at = UTCDateTimeField()
    disabled_at = UTCDateTimeField(null=True)


class SignIn(BaseModel):
    """A signed-in browser. The cookie holds the key, the database only its fingerprint."""

    key_hash = peewee.CharField(max_length=64, unique=True)
    account = peewee.ForeignKeyField(Account, null=True, on_delete="CASCADE")
    staff = peewee.ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    created_at = UTCDateTimeField()
    seen_at = UTCDateTimeField()
    ends_at = UTCDateTimeField(index=True)  # indexed: those that are valid are counted
    stepped_up_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True, index=True)  # indexed: web processes poll for ended ones
    kiosk = peewee.CharField(max_length=64, default="")  # the fingerprint of its key


class Kiosk(UidModel):
    """A centre's device at which one person after another signs in.

    Paired by a code, once; from then on its cookie holds the key. Of both only fingerprints are stored.
    """

    place = NameField()
    centre = peewee.ForeignKeyField(Centre, backref="kiosks")
    at = UTCDateTimeField()
    by_uid = peewee.CharField(max_length=22)
    code_hash = peewee.CharField(max_length=64, index=True)
    code_until = UTCDateTimeField()
    key_hash = peewee.CharField(max_length=64, unique=True, null=True)
    paired_at = UTCDateTimeField(null=True)
    revoked_at = UTCDateTimeField(null=True)


class OtpChallenge(UidModel):
    """A one-time password that was sent. Not stored: it is derived from the nonce with a key outside the database."""

    mobile = peewee.CharField(max_length=16, index=True)
    nonce = peewee.CharField(max_length=32)
    language = peewee.CharField(max_length=2)
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    tries = peewee.IntegerField(default=0)
    used_at = UTCDateTimeField(null=True)
    sign_in = peewee.ForeignKeyField(SignIn, null=True, on_delete="SET NULL")  # the sign-in it began


class RecoveryCode(BaseModel):
    """A recovery code, used once in place of the authenticator app. Only its fingerprint is stored."""

    staff = peewee.ForeignKeyField(Staff, on_delete="CASCADE")
    code_hash = peewee.CharField(max_length=64, unique=True)
    used_at = UTCDateTimeField(null=True)


class Passkey(UidModel):
    """A key of a member of staff. `key`: its id, `public_key`: both base64url as WebAuthn gives them."""

    staff = peewee.ForeignKeyField(Staff, on_delete="CASCADE", backref="passkeys")
    key = peewee.CharField(max_length=1400, unique=True)
    public_key = peewee.TextField()
    sign_count = peewee.BigIntegerField(default=0)
    name = NameField()
    created_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)


@dataclass(frozen=True)
class OtpRequested(DomainEvent, about="the challenge"):
    """A one-time password was requested."""

    minutes: Annotated[int, "minutes until it expires"]


@dataclass(frozen=True)
class AccountSignedIn(DomainEvent, about="the account"):
    """Somebody signed in with a mobile and a one-time password."""


@dataclass(frozen=True)
class StaffSignedIn(DomainEvent, about="the member of staff"):
    """A member of staff signed in."""


@dataclass(frozen=True)
class StaffSignInRefused(DomainEvent, about="the member of staff; empty when nobody has that name"):
    """A sign-in of staff with a wrong name, password or code."""


@dataclass(frozen=True)
class StaffSteppedUp(DomainEvent, about="the member of staff"):
    """A member of staff proved the second factor again, before an action that requires it."""


@dataclass(frozen=True)
class StaffAdded(DomainEvent, about="the member of staff"):
    """A member of staff was added."""

    role: Annotated[str, "the role's code, such as doctor"]


@dataclass(frozen=True)
class StaffChanged(DomainEvent, about="the member of staff"):
    """Name, place or contact of a member of staff was changed."""


@dataclass(frozen=True)
class StaffDisabled(DomainEvent, about="the member of staff"):
    """A member of staff can no longer sign in."""


@dataclass(frozen=True)
class StaffEnabled(DomainEvent, about="the member of staff"):
    """A member of staff can sign in again."""


@dataclass(frozen=True)
class StaffCodeGiven(DomainEvent, about="the member of staff"):
    """An administrator gave a one-time code for choosing a password; the password before it is void."""


@dataclass(frozen=True)
class StaffPasswordChanged(DomainEvent, about="the member of staff"):
    """A member of staff chose a new password."""


@dataclass(frozen=True)
class StaffSignedOut(DomainEvent, about="the member of staff"):
    """An administrator ended every sign-in of a member of staff."""


@dataclass(frozen=True)
class StaffSecondFactorSet(DomainEvent, about="the member of staff"):
    """A member of staff set up a second factor."""


@dataclass(frozen=True)
class StaffSecondFactorReset(DomainEvent, about="the member of staff"):
    """The second factor of a member of staff was reset, to be set up again."""


@dataclass(frozen=True)
class StaffPasskeyAdded(DomainEvent, about="the member of staff"):
    """A member of staff added a passkey, which proves the second factor."""


@dataclass(frozen=True)
class StaffPasskeyRemoved(DomainEvent, about="the member of staff"):
    """A member of staff removed an own passkey."""


@dataclass(frozen=True)
class StaffRecoveryCodesMade(DomainEvent, about="the member of staff"):
    """Recovery codes were replaced; the old ones are invalid."""


@dataclass(frozen=True)
class StaffRecoveryCodeUsed(DomainEvent, about="the member of staff"):
    """A recovery code was used in place of the second factor."""

    left: Annotated[int, "codes that are left"]

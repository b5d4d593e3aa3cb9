"""The scheme's register, registered people, consents."""

import peewee

from portal.core.accounts.models import Account, Staff
from portal.core.clinic.models import Centre
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField


class RegisterEntry(BaseModel):
    """One person of the scheme's register, as imported. Identity comes from here, never from typed input.

    `left_on`: the day on which an import marked the person as no longer in the scheme; nobody is deleted.
    """

    ben_id = peewee.CharField(max_length=10, unique=True)
    name = NameField()
    name_hi = NameField(default="")
    gender = peewee.CharField(max_length=6)
    date_of_birth = peewee.DateField()
    mobile = peewee.CharField(max_length=16, index=True)
    centre = peewee.ForeignKeyField(Centre, backref="entries")
    has_disability = peewee.BooleanField(default=False)
    left_on = peewee.DateField(null=True)


class Beneficiary(UidModel):
    """A person of the register, registered on the account of the register's mobile.

    `held_until`: before it nobody reads prescriptions and records by the new mobile that a desk noted (S24).
    """

    entry = peewee.ForeignKeyField(RegisterEntry, unique=True)
    account = peewee.ForeignKeyField(Account, backref="people")
    patient_id = peewee.CharField(max_length=13, unique=True)
    address = peewee.CharField(max_length=200)
    language = peewee.CharField(max_length=2)
    registered_at = UTCDateTimeField()
    abha_number = peewee.CharField(max_length=14, null=True)
    abha_address = peewee.CharField(max_length=80, null=True)
    held_until = UTCDateTimeField(null=True)

    @property
    def name(self) -> str:
        """The register's name."""
        return str(self.entry.name)


class MobileChange(UidModel):
    """A mobile that a desk corrected, of one person; all of one correction have the same numbers and moment.

    Until `ends_at` the old number can stop it.
    """

    entry = peewee.ForeignKeyField(RegisterEntry, backref="mobile_changes", on_delete="CASCADE")
    old = peewee.CharField(max_length=16, index=True)
    new = peewee.CharField(max_length=16)
    staff = peewee.ForeignKeyField(Staff)
    changed_at = UTCDateTimeField(index=True)
    ends_at = UTCDateTimeField()
    stopped_at = UTCDateTimeField(null=True)


class Consent(UidModel):
    """A consent: to which version of the text, in which language, when; withdrawn, never deleted."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="consents")
    purpose = peewee.CharField(max_length=20)
    version = peewee.CharField(max_length=12)
    language = peewee.CharField(max_length=2)
    kind = peewee.CharField(max_length=10, default="explicit")
    given_by = peewee.CharField(max_length=22)
    given_at = UTCDateTimeField()
    withdrawn_at = UTCDateTimeField(null=True)

"""Uploaded health records: the rows; the files are outside the web root under random names."""

import peewee

from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UidModel, UTCDateTimeField

UNSCANNED = "unscanned"  # `refusal` of a record that is checked as soon as the virus scanner answers
READABLE = ("ready", "partial")  # what a doctor may open


class Record(UidModel):
    """One uploaded file, cleaned before anybody else sees it: of a visit, a request for a referral, or a referral.

    `beneficiary` is empty only where an officer attached it for somebody who has not registered on the portal yet.
    `state`: checking, ready, partial (it shows less than the original: `remarks`), locked (by a password) or refused
    (`refusal`). `pages`: how many the file has, once that is known. `given_by`: the doctor who gave it to the patient
    during the visit; empty for what the family or an officer sent.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, null=True, backref="records")
    visit = peewee.ForeignKeyField(Visit, null=True, backref="records")
    request = peewee.ForeignKeyField(ReferralRequest, null=True, backref="records")
    referral = peewee.ForeignKeyField(Referral, null=True, backref="records")
    title = peewee.CharField(max_length=120)
    kind = peewee.CharField(max_length=4)
    stored_name = peewee.CharField(max_length=40, unique=True)
    size = peewee.IntegerField()
    sha256 = peewee.CharField(max_length=64)
    state = peewee.CharField(max_length=8, default="checking", index=True)
    refusal = peewee.CharField(max_length=120, default="")
    remarks = peewee.CharField(max_length=80, default="")
    tries = peewee.IntegerField(default=0)
    uploaded_at = UTCDateTimeField()
    lease_until = UTCDateTimeField(null=True)
    pages = peewee.IntegerField(null=True)
    given_by = peewee.ForeignKeyField(Staff, null=True)

    @property
    def is_readable(self) -> bool:
        """Tell whether the doctor may open it."""
        return self.state in READABLE

    @property
    def is_familys(self) -> bool:
        """Tell whether the family has it: its own in any state, what a doctor gave once it is checked."""
        return self.given_by_id is None or self.is_readable


class Preview(BaseModel):
    """A picture of a record, stored like its file: number 0 is the thumbnail, 1 and more are the pages of a PDF."""

    record = peewee.ForeignKeyField(Record, on_delete="CASCADE")
    number = peewee.IntegerField()
    stored_name = peewee.CharField(max_length=40, unique=True)
    sha256 = peewee.CharField(max_length=64)

    class Meta:
        indexes = ((("record", "number"), True),)


class OutsideFile(BaseModel):
    """A file that a plugin brought, by its id there: it is taken once. Its record may be gone since."""

    plugin = peewee.CharField(max_length=40)
    reference = peewee.CharField(max_length=80)
    record = peewee.ForeignKeyField(Record, null=True, on_delete="SET NULL")
    taken_at = UTCDateTimeField()

    class Meta:
        indexes = ((("plugin", "reference"), True),)


class OutsideFetch(BaseModel):
    """That a plugin is to be asked for the files of a visit. `asks`: how often it was due; `is_due`: until answered."""

    visit = peewee.ForeignKeyField(Visit, on_delete="CASCADE")
    plugin = peewee.CharField(max_length=40)
    asks = peewee.IntegerField(default=1)
    is_due = peewee.BooleanField(default=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = ((("visit", "plugin"), True),)


class HeldUpload(UidModel):
    """Accepted file of a form that failed validation: held, so that nobody has to choose it again.

    It belongs to the account or the member of staff who chose it.
    """

    account = peewee.ForeignKeyField(Account, null=True, on_delete="CASCADE")
    staff = peewee.ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    title = peewee.CharField(max_length=120)
    kind = peewee.CharField(max_length=4)
    stored_name = peewee.CharField(max_length=40, unique=True)
    size = peewee.IntegerField()
    sha256 = peewee.CharField(max_length=64)
    held_at = UTCDateTimeField(index=True)

"""Uploaded health records: the row; the bytes lie outside the web root under a random name."""

import peewee

from portal.core.beneficiaries.models import Beneficiary
from portal.core.db import UidModel, UTCDateTimeField
from portal.core.visits.models import Visit


class Record(UidModel):
    """One uploaded file, cleaned before anybody else sees it. `state`: checking, ready or refused."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="records")
    visit = peewee.ForeignKeyField(Visit, null=True, backref="records")
    title = peewee.CharField(max_length=120)
    kind = peewee.CharField(max_length=4)
    stored_name = peewee.CharField(max_length=40, unique=True)
    size = peewee.IntegerField()
    sha256 = peewee.CharField(max_length=64)
    state = peewee.CharField(max_length=8, default="checking", index=True)
    refusal = peewee.CharField(max_length=120, default="")
    uploaded_at = UTCDateTimeField()
    lease_until = UTCDateTimeField(null=True)

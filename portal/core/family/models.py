"""What a family shows to others by a one-time code."""

import peewee

from portal.core.accounts.models import Account, Staff
from portal.core.clinic.models import Centre
from portal.core.visits.models import Visit
from portal.store.db import NameField, UidModel, UTCDateTimeField


class Share(UidModel):
    """A one-time code for a visit's prescription: for a wellness centre, or for a person who collects, by name.

    The code is not stored: it is derived from the nonce, and `mark` is its fingerprint, by which it is found. Once
    used, `opened_by` is the pharmacist, or `device` the fingerprint of the browser's key that may read on.
    """

    visit = peewee.ForeignKeyField(Visit, backref="shares")
    account = peewee.ForeignKeyField(Account)
    centre = peewee.ForeignKeyField(Centre, null=True)
    name = NameField(default="")
    nonce = peewee.CharField(max_length=32)
    mark = peewee.CharField(max_length=64, unique=True)
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField(index=True)
    opened_at = UTCDateTimeField(null=True)
    opened_by = peewee.ForeignKeyField(Staff, null=True)
    device = peewee.CharField(max_length=64, default="")
    withdrawn_at = UTCDateTimeField(null=True)

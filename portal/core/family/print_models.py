"""Table of the sheets in large print."""

import peewee

from portal.core.prescriptions.models import Prescription
from portal.store.db import BaseModel, UTCDateTimeField


class LargePrint(BaseModel):
    """The patient's sheet of a prescription, as a PDF in large print. It can be made anew at any time.

    `tries` counts attempts to make it, `next_at` is the next retry.
    """

    prescription = peewee.ForeignKeyField(Prescription, unique=True, backref="large_prints")
    sha256 = peewee.CharField(max_length=64, default="")
    stored_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)

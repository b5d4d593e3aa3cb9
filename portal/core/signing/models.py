"""Table of the certificates in use, as the worker last saw them."""

import peewee

from portal.store.db import BaseModel, UTCDateTimeField


class SigningCertificate(BaseModel):
    """One certificate. `owner`: a doctor's user name, "" of the organisation; `problem`: why its key cannot sign."""

    owner = peewee.CharField(max_length=60, unique=True)
    subject = peewee.CharField(max_length=200, default="")
    issuer = peewee.CharField(max_length=400, default="")
    serial = peewee.CharField(max_length=60, default="")
    valid_from = UTCDateTimeField(null=True)
    valid_until = UTCDateTimeField(null=True)
    problem = peewee.CharField(max_length=300, default="")
    seen_at = UTCDateTimeField()

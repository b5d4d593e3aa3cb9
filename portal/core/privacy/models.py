"""One-time codes for private visits."""

import peewee

from portal.core.accounts.models import SignIn, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import UidModel, UTCDateTimeField


class VisitCode(UidModel):
    """A code that opens a person's private visits. Not stored: it is derived from the nonce, like an OTP.

    Once used, it holds the sign-in that it has opened them for.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="visit_codes")
    nonce = peewee.CharField(max_length=32)
    given_by = peewee.ForeignKeyField(Staff)
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    used_at = UTCDateTimeField(null=True)
    sign_in = peewee.ForeignKeyField(SignIn, null=True, on_delete="SET NULL")

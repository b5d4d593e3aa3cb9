"""Table of legal holds."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.visits.models import Visit
from portal.store.db import UidModel, UTCDateTimeField


class LegalHold(UidModel):
    """What must not be deleted, as a court or an inquiry needs it: of a person, or of one of the person's visits."""

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="holds")
    visit = peewee.ForeignKeyField(Visit, null=True, backref="holds")
    reason = peewee.CharField(max_length=300)
    placed_at = UTCDateTimeField()
    placed_by = peewee.ForeignKeyField(Staff, backref="holds")
    released_at = UTCDateTimeField(null=True)
    released_by = peewee.ForeignKeyField(Staff, null=True, backref="released_holds")
    release_reason = peewee.CharField(max_length=300, default="")

"""Tables of dispensed medicines: what a wellness centre gave out, when, to whom."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField


class Dispensing(UidModel):
    """One dispensing. `collected_by` empty means the patient."""

    prescription = peewee.ForeignKeyField(Prescription, backref="dispensings")
    centre = peewee.ForeignKeyField(Centre)
    pharmacist = peewee.ForeignKeyField(Staff)
    collected_by = NameField(default="")
    at = UTCDateTimeField()


class DispensedItem(BaseModel):
    """Dispensed quantity of one item."""

    dispensing = peewee.ForeignKeyField(Dispensing, backref="items")
    item = peewee.ForeignKeyField(PrescribedItem, backref="given")
    quantity = peewee.IntegerField()

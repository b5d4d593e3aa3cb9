"""Tables of the pharmacy: what a centre gave out, when, to whom, and what it ordered from the chemist."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.records.models import Record
from portal.store.db import BaseModel, NameField, UidModel, UTCDateTimeField

INDENTED, READY = "indented", "ready"
COLLECTED, LAPSED, WITHDRAWN, OVERTAKEN = "collected", "lapsed", "withdrawn", "overtaken"
OPEN = (INDENTED, READY)


class Dispensing(UidModel):
    """One dispensing. `collected_by` empty means the patient; else a representative, who showed an identity.

    `identity_kind`: a key of collector.identities; `identity_last4`: the end of its number, never more. One with
    `reversed_at` did not happen: its medicines were not handed out after all.
    """

    prescription = peewee.ForeignKeyField(Prescription, backref="dispensings")
    centre = peewee.ForeignKeyField(Centre)
    pharmacist = peewee.ForeignKeyField(Staff)
    collected_by = NameField(default="")
    identity_kind = peewee.CharField(max_length=12, default="")
    identity_last4 = peewee.CharField(max_length=4, default="")
    at = UTCDateTimeField()
    reversed_at = UTCDateTimeField(null=True)
    reversed_by = peewee.ForeignKeyField(Staff, null=True, backref="reversed")
    reverse_reason = peewee.CharField(max_length=200, default="")


class DispensedItem(BaseModel):
    """Dispensed quantity of one item. `brand`: what was given in its place, of the same salt, and why.

    `beyond`: how much of the quantity was more than a part, by the written permission of the dispensing.
    """

    dispensing = peewee.ForeignKeyField(Dispensing, backref="items")
    item = peewee.ForeignKeyField(PrescribedItem, backref="given")
    quantity = peewee.IntegerField()
    brand = peewee.CharField(max_length=120, default="")
    brand_reason = peewee.CharField(max_length=120, default="")
    beyond = peewee.IntegerField(default=0)


class Indent(UidModel):
    """A medicine that is not in stock, ordered from the authorised local chemist for one patient.

    indented -> ready (the patient is told) -> collected; or lapsed after its day `until`, withdrawn by a pharmacist,
    overtaken by a correction or cancelling of the prescription. While open, its quantity is promised: nobody else
    gives it. `dispensing`: by which it was collected. `beyond`: how much of it is more than a part, by its written
    permission.
    """

    number = peewee.CharField(max_length=24, unique=True)
    prescription = peewee.ForeignKeyField(Prescription, backref="indents")
    item = peewee.ForeignKeyField(PrescribedItem, backref="indents")
    centre = peewee.ForeignKeyField(Centre)
    pharmacist = peewee.ForeignKeyField(Staff)
    quantity = peewee.IntegerField()
    state = peewee.CharField(max_length=10, default=INDENTED)
    at = UTCDateTimeField()
    until = peewee.DateField()
    ready_at = UTCDateTimeField(null=True)
    ended_at = UTCDateTimeField(null=True)
    reason = peewee.CharField(max_length=200, default="")
    dispensing = peewee.ForeignKeyField(Dispensing, null=True, backref="indents")
    beyond = peewee.IntegerField(default=0)

    class Meta:
        indexes = ((("centre", "state"), False), (("state", "until"), False))


class Letter(BaseModel):
    """What is kept of a written permission: who signed it, its number and day, what for, and where given its scan."""

    signed_by = peewee.CharField(max_length=120)
    number = peewee.CharField(max_length=60)
    dated = peewee.DateField()
    reason = peewee.CharField(max_length=200)


class Permission(Letter):
    """The letter by which a dispensing gave more than a part."""

    dispensing = peewee.ForeignKeyField(Dispensing, unique=True, backref="permissions")
    scan = peewee.ForeignKeyField(Record, null=True)

    @property
    def prescription(self) -> Prescription:
        """The prescription on which it was given."""
        return self.dispensing.prescription


class IndentPermission(Letter):
    """The letter by which more than a part was ordered; it is that of the dispensing which collects the order too."""

    indent = peewee.ForeignKeyField(Indent, unique=True, backref="permissions")
    scan = peewee.ForeignKeyField(Record, null=True)

    @property
    def prescription(self) -> Prescription:
        """The prescription on which it was ordered."""
        return self.indent.prescription

"""Tables of issued prescriptions."""

import peewee

from portal.base.units import MICRO
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.core.visits.models import Visit
from portal.store.db import BaseModel, UidModel, UTCDateTimeField

STUCK_AFTER = 3  # failed attempts to make the file before people are told
# Where the signature of the file that people read stands: "" is for files that nobody meant to sign.
DUE, MADE = "due", "made"


class Prescription(UidModel):
    """An issued prescription. `content` is immutable; the PDF's SHA-256 is verified whenever it is served.

    `tries` counts failed attempts to make its file, `failure` is the last error, `next_at` the next retry. A correction
    is a further row: its `version` is one more, `replaces` the row before, which has `replaced_at` from then on, and
    `reason` says why. One row of a visit is not replaced: the newest.

    `stored_name` and `sha256` are of the file as it was first stored; later files (signed belatedly, or stamped) are
    PrescriptionFile. `signed_by`: the name on the certificate that signed what was issued, "" before that. `signature`
    is DUE while the file that people read is not signed yet.
    """

    number = peewee.CharField(max_length=24, unique=True)
    code = peewee.CharField(max_length=24, unique=True)
    version = peewee.IntegerField(default=1)
    visit = peewee.ForeignKeyField(Visit, backref="prescriptions")
    doctor = peewee.ForeignKeyField(Staff)
    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="prescriptions")
    content = peewee.JSONField()
    issued_at = UTCDateTimeField(index=True)
    valid_until = peewee.DateField()
    stored_name = peewee.CharField(max_length=40, default="", index=True)
    sha256 = peewee.CharField(max_length=64, default="", index=True)
    stored_at = UTCDateTimeField(null=True)
    lease_until = UTCDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField(null=True)
    failure = peewee.CharField(max_length=200, default="")
    signature = peewee.CharField(max_length=4, default="", index=True)
    signed_by = peewee.CharField(max_length=200, default="")
    misprint_told_at = UTCDateTimeField(null=True)
    cancelled_at = UTCDateTimeField(null=True)
    cancelled_by = peewee.ForeignKeyField(Staff, null=True, backref="cancelled")
    cancel_reason = peewee.CharField(max_length=200, default="")
    replaces = peewee.ForeignKeyField("self", null=True, unique=True, backref="successors")
    replaced_at = UTCDateTimeField(null=True)
    reason = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("visit", "version"), True),)

    @property
    def successor(self) -> "Prescription | None":
        """The version that replaced this one."""
        found: Prescription | None = Prescription.get_or_none(Prescription.replaces == self)
        return found

    @property
    def kind(self) -> str:
        """What people read of it: issued, or with a stamp: replaced or cancelled."""
        return "replaced" if self.replaced_at else "cancelled" if self.cancelled_at else "issued"

    def newest_file(self, kind: str) -> "Prescription | PrescriptionFile | None":
        """Return what has the name and checksum of the newest file of this kind: a later file, or this row itself."""
        mine = (PrescriptionFile.prescription == self) & (PrescriptionFile.kind == kind)
        found = PrescriptionFile.select().where(mine).order_by(PrescriptionFile.id.desc()).first()
        return found or (self if kind == "issued" and self.stored_at is not None else None)

    @property
    def is_stuck(self) -> bool:
        """Tell whether its file failed so often that people should know."""
        return self.stored_at is None and self.tries >= STUCK_AFTER

    @property
    def is_unsigned(self) -> bool:
        """Tell whether the file that people read should be signed and is not yet."""
        return self.stored_at is not None and self.signature == DUE

    @property
    def is_misprinted(self) -> bool:
        """Tell whether its paper says MG where micrograms are meant."""
        rows = PrescribedItem.select().where(PrescribedItem.prescription == self)
        return any(sign in row.drug for row in rows for sign in MICRO)


class PrescribedItem(BaseModel):
    """One medicine of an issued prescription. `dispensed` never exceeds `quantity`.

    `chronic` and `valid_until`, its last day at the pharmacy, stand as at the time of issuing (validity.py).
    `judged`: version of the law, rule, what it continues, and the doctor's reason if one was required. `carried`: how
    much was given on earlier versions, perhaps more than is prescribed now; `dispensed` counts it up to `quantity`.
    """

    prescription = peewee.ForeignKeyField(Prescription, backref="items")
    position = peewee.IntegerField()
    drug = peewee.CharField(max_length=120)
    form = peewee.CharField(max_length=40, default="")
    strength = peewee.CharField(max_length=60, default="")
    dose = peewee.CharField(max_length=60, default="")
    frequency = peewee.CharField(max_length=60, default="")
    duration_days = peewee.IntegerField(null=True)
    quantity = peewee.IntegerField()
    instructions = peewee.CharField(max_length=500, default="")
    purpose = peewee.CharField(max_length=80, default="")
    tele_class = peewee.CharField(max_length=10, default="")
    judged = peewee.JSONField(default=dict)
    dispensed = peewee.IntegerField(default=0)
    carried = peewee.IntegerField(default=0)
    chronic = peewee.BooleanField(default=False)
    valid_until = peewee.DateField()

    class Meta:
        indexes = ((("prescription", "position"), True),)
        constraints = (peewee.Check("dispensed >= 0 AND dispensed <= quantity"),)

    @property
    def over(self) -> int:
        """How much more was given on earlier versions than this one prescribes."""
        return max(0, int(self.carried) - int(self.quantity))


# A predicate, as a partial index keeps it: at most one row of a visit is not replaced.
NEWEST = Prescription.replaced_at.is_null()
Prescription.add_index(Prescription.index(Prescription.visit, unique=True, name="prescription_newest").where(NEWEST))
# The file is still to be made. Its checksum is empty until then and has an index; by `stored_at` alone SQLite goes
# through all of the past, by the day of issue.
UNMADE = (Prescription.sha256 == "") & Prescription.stored_at.is_null()


class CancelRequest(UidModel):
    """A cancelling that waits for a second administrator (cancelling.py); gone once it is confirmed or withdrawn."""

    prescription = peewee.ForeignKeyField(Prescription, unique=True, backref="cancel_requests")
    reason = peewee.CharField(max_length=200)
    asked_by = peewee.ForeignKeyField(Staff, backref="cancel_requests")
    asked_at = UTCDateTimeField()


class Override(BaseModel):
    """A concern of safety that the doctor saw and issued over. `position`: of its medicine; None for a measured value.

    `reason`: what was typed, where the rule demands one.
    """

    prescription = peewee.ForeignKeyField(Prescription, backref="overrides")
    rule = peewee.CharField(max_length=40, index=True)
    tier = peewee.CharField(max_length=4)
    position = peewee.IntegerField(null=True)
    reason = peewee.CharField(max_length=120, default="")


class PrescriptionFile(BaseModel):
    """A later file of a prescription: signed belatedly (kind issued), or stamped (cancelled, replaced) and signed.

    The newest of a kind is what people read; all of them are ours.
    """

    prescription = peewee.ForeignKeyField(Prescription, backref="files")
    kind = peewee.CharField(max_length=10)
    stored_name = peewee.CharField(max_length=40, unique=True)
    sha256 = peewee.CharField(max_length=64, index=True)
    signed_by = peewee.CharField(max_length=200)
    made_at = UTCDateTimeField()

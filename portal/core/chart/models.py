"""Table of the chart: allergies, problems, and medicines that the patient told of."""

import peewee

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import UidModel, UTCDateTimeField

ACTIVE, RESOLVED, STOPPED, ERROR = "active", "resolved", "stopped", "error"
ALLERGY, NONE_KNOWN, PROBLEM, MEDICINE = "allergy", "none_known", "problem", "medicine"


class ChartEntry(UidModel):
    """One entry of a person's chart. It is never deleted or rewritten: it ends, as over or as entered in error.

    `kind`: allergy, none_known ("no allergy known", asked on that day), problem or medicine. `name` is the substance,
    problem or medicine; `detail` the reaction of an allergy, or how a medicine is taken; `grade` the severity of an
    allergy, the ICD-10 code of a problem, or who told of a medicine.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, backref="chart_entries")
    kind = peewee.CharField(max_length=10)
    name = peewee.CharField(max_length=120, default="")
    detail = peewee.CharField(max_length=120, default="")
    grade = peewee.CharField(max_length=12, default="")
    since = peewee.CharField(max_length=40, default="")
    state = peewee.CharField(max_length=8, default=ACTIVE)
    noted_at = UTCDateTimeField()
    noted_by = peewee.ForeignKeyField(Staff)
    ended_at = UTCDateTimeField(null=True)
    ended_by = peewee.ForeignKeyField(Staff, null=True)

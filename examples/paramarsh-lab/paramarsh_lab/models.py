"""Orders and their results. No name of a person: the portal is asked for it."""

import peewee

from portal.api.storage import BaseModel, UTCDateTimeField


class LabOrder(BaseModel):
    """An order: `uid` is the portal's, for each version of a prescription. `results`: what the laboratory has sent.

    `state`: sent, cancelled or done. `has_report`: a PDF can be fetched.
    """

    uid = peewee.CharField(max_length=22, unique=True)
    visit_uid = peewee.CharField(max_length=22, index=True)
    patient_uid = peewee.CharField(max_length=22, index=True)
    tests = peewee.IntegerField()
    coded = peewee.IntegerField()
    state = peewee.CharField(max_length=10)
    sent_at = UTCDateTimeField(index=True)
    results = peewee.JSONField(default=list)
    has_report = peewee.BooleanField(default=False)
    done_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "paramarsh_lab_order"

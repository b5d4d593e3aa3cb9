"""Circuit-breaker state of each driver, shared by all processes."""

import peewee

from portal.api.storage import BaseModel, UTCDateTimeField


class DriverState(BaseModel):
    """Failures in a row, and until when the breaker stays open. No row: it never failed."""

    name = peewee.CharField(max_length=20, unique=True)
    failures = peewee.IntegerField(default=0)
    rest_until = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")

    class Meta:
        table_name = "sms_gateway_driver"

"""How each driver is doing, for all processes together."""

import peewee

from portal.api.storage import BaseModel, UTCDateTimeField


class DriverState(BaseModel):
    """Failures in a row, and until when the driver rests because of them. No row: it never failed."""

    name = peewee.CharField(max_length=20, unique=True)
    failures = peewee.IntegerField(default=0)
    rest_until = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")

    class Meta:
        table_name = "sms_gateway_driver"

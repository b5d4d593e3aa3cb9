"""Visits that the desk hands over to a kiosk."""

import peewee

from portal.core.clinic.models import Centre
from portal.store.db import BaseModel, UTCDateTimeField


class HandedVisit(BaseModel):
    """A visit that opens on a kiosk of this centre by a code of the desk, once. `visit` is its uid."""

    visit = peewee.CharField(max_length=22)
    centre = peewee.ForeignKeyField(Centre)
    code_hash = peewee.CharField(max_length=64, index=True)
    until = UTCDateTimeField(index=True)
    used_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "handed_visit"

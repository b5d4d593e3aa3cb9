"""Tables of the administrator's pages: what became of each setting."""

import peewee

from portal.core.accounts.models import Staff
from portal.store.db import BaseModel, UTCDateTimeField


class SettingChange(BaseModel):
    """One setting that was changed on the page: its texts before and after, as the form shows them."""

    key = peewee.CharField(max_length=60)
    before = peewee.CharField(max_length=200)
    after = peewee.CharField(max_length=200)
    staff = peewee.ForeignKeyField(Staff, null=True, backref="setting_changes")
    at = UTCDateTimeField()

    class Meta:
        indexes = ((("key", "id"), False),)

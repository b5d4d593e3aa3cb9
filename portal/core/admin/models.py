"""Which plugins are on, in which order, with which settings."""

import peewee

from portal.core.db import BaseModel


class PluginState(BaseModel):
    """One installed plugin. `settings` is JSON with secrets encrypted."""

    name = peewee.CharField(max_length=40, unique=True)
    enabled = peewee.BooleanField(default=False)
    position = peewee.IntegerField(default=100)
    settings = peewee.JSONField(default=dict)


class PluginRevision(BaseModel):
    """One row whose number rises with every change of any plugin's state."""

    number = peewee.IntegerField(default=0)

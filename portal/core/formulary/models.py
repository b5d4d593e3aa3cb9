"""Table of the clinic's formulary."""

import peewee

from portal.store.db import BaseModel


class Drug(BaseModel):
    """A generic medicine in one form. `tele_class`: O, A, B or PROHIBITED (TPG 2020, domain.md 1.6)."""

    name = peewee.CharField(max_length=120, index=True)
    form = peewee.CharField(max_length=40)
    strengths = peewee.CharField(max_length=200, default="")
    tele_class = peewee.CharField(max_length=10)
    chronic = peewee.BooleanField(default=False)
    route = peewee.CharField(max_length=30, default="")
    default_frequency = peewee.CharField(max_length=20, default="")
    aliases = peewee.CharField(max_length=300, default="")

    class Meta:
        indexes = ((("name", "form"), True),)

"""Wellness centres."""

import peewee

from portal.base.plain_text import LONGEST_NAME
from portal.store.db import BaseModel


class Centre(BaseModel):
    """A wellness centre, known by its code."""

    code = peewee.CharField(max_length=8, unique=True)
    name = peewee.CharField(max_length=LONGEST_NAME)
    name_hi = peewee.CharField(max_length=LONGEST_NAME, default="")
    city = peewee.CharField(max_length=60, default="")
    address = peewee.CharField(max_length=200, default="")
    phone = peewee.CharField(max_length=20, default="")
    active = peewee.BooleanField(default=True)

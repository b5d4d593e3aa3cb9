"""Specialties: data, not code."""

import peewee

from portal.base.plain_text import LONGEST_NAME
from portal.store.db import BaseModel


class Specialty(BaseModel):
    """A specialty with its token prefix, such as MED."""

    code = peewee.CharField(max_length=24, unique=True)
    prefix = peewee.CharField(max_length=4, unique=True)
    name = peewee.CharField(max_length=LONGEST_NAME)
    name_hi = peewee.CharField(max_length=LONGEST_NAME, default="")
    active = peewee.BooleanField(default=True)

"""Tables of the clinic's formulary: its versions, and the medicines of each."""

import peewee

from portal.core.formulary.classes import PROHIBITED
from portal.store.db import BaseModel, UidModel, UTCDateTimeField


class FormularyVersion(UidModel):
    """One import: its number, when, by whom, from which file, how many medicines it changed, and who answers for it."""

    number = peewee.IntegerField(unique=True)
    imported_at = UTCDateTimeField()
    imported_by = peewee.CharField(max_length=60)
    file = peewee.CharField(max_length=120, default="")
    added = peewee.IntegerField(default=0)
    changed = peewee.IntegerField(default=0)
    removed = peewee.IntegerField(default=0)
    signed_by = peewee.CharField(max_length=120, default="")


class Drug(BaseModel):
    """A generic medicine in one form. `tele_class`: O, A, B, PROHIBITED (TPG 2020, domain.md 1.6) or "": unclassified.

    Rows are never changed: one stands in the versions from `since` to before `until`, empty while it is in force.
    "|" separates the values of a column. `substances`: the parts of a combination whose name does not tell them.
    """

    name = peewee.CharField(max_length=120, index=True)
    form = peewee.CharField(max_length=40)
    strengths = peewee.CharField(max_length=300, default="")
    tele_class = peewee.CharField(max_length=10, default="")
    chronic = peewee.BooleanField(default=False)
    route = peewee.CharField(max_length=30, default="")
    default_frequency = peewee.CharField(max_length=20, default="")
    aliases = peewee.CharField(max_length=300, default="")
    brands = peewee.CharField(max_length=600, default="")
    substances = peewee.CharField(max_length=300, default="")
    source = peewee.CharField(max_length=300, default="")
    class_source = peewee.CharField(max_length=300, default="")
    since = peewee.IntegerField(default=1)
    until = peewee.IntegerField(null=True)

    class Meta:
        indexes = ((("name", "form", "since"), True),)

    @property
    def standing_class(self) -> str:
        """The class that counts: one stands only with the place that names the medicine, or it is unclassified.

        What is prohibited stays so, with a place or without.
        """
        return str(self.tele_class) if self.class_source or self.tele_class == PROHIBITED else ""

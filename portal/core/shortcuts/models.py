"""What a doctor keeps for the next patients."""

import peewee

from portal.core.accounts.models import Staff
from portal.store.db import UidModel, UTCDateTimeField

ROWS, ADVICE, INSTRUCTIONS = "rows", "advice", "instructions"
PHRASES = (ADVICE, INSTRUCTIONS)


class Shortcut(UidModel):
    """A template of medicine rows (`kind` rows) under a name, or a phrase (advice, instructions) in both languages.

    `rows` are those of a draft, without what is about one patient; their texts for the patient also end in `_hi`.
    """

    doctor = peewee.ForeignKeyField(Staff, backref="shortcuts")
    kind = peewee.CharField(max_length=12)
    name = peewee.CharField(max_length=60, default="")
    text = peewee.CharField(max_length=500, default="")
    text_hi = peewee.CharField(max_length=500, default="")
    rows = peewee.JSONField(default=list)
    at = UTCDateTimeField()

    def in_language(self, language: str) -> str:
        """Return a phrase as the patient reads it; in English where there is no Hindi."""
        return str((language == "hi" and self.text_hi) or self.text)

"""Table of files that were uploaded and wait for a confirmation."""

import peewee

from portal.core.accounts.models import Staff
from portal.store.csv_file import Line
from portal.store.db import UidModel, UTCDateTimeField


class ListDraft(UidModel):
    """A file as it was read, or an earlier version to go back to (`back_to`: its number).

    `lines`: each as [number, cells by column, what is wrong]. `base`: the version that the preview was made against.
    A draft is deleted once it is written or thrown away.
    """

    kind = peewee.CharField(max_length=20)
    file = peewee.CharField(max_length=120)
    back_to = peewee.IntegerField(null=True)
    lines = peewee.JSONField(default=list)
    base = peewee.IntegerField(default=0)
    asked_by = peewee.ForeignKeyField(Staff, backref="list_drafts")
    asked_at = UTCDateTimeField(index=True)

    def read_lines(self) -> list[Line]:
        """Return the lines of the file."""
        return [Line(number, cells, wrong) for number, cells, wrong in self.lines]

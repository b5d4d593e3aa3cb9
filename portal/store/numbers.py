"""Gapless number sequences: a counter row, incremented inside the transaction that uses the number."""

import peewee

from portal.base.errors import NotFound
from portal.base.typed import ascii_whole
from portal.store.db import BaseModel, locked, write
from portal.store.kept import marks

LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; larger values are an error there


class Counter(BaseModel):
    """A sequence, such as `referral` or the prescriptions of a month."""

    series = peewee.CharField(max_length=20, unique=True)
    last = peewee.IntegerField(default=0)


def next_number(series: str) -> int:
    """Return the next number of a sequence. A rollback gives it back, so there are no gaps."""
    with write():
        Counter.insert(series=series).on_conflict_ignore().execute()
        row = locked(Counter.select().where(Counter.series == series)).get()
        Counter.update(last=Counter.last + 1).where(Counter.id == row.id).execute()
        marks.note(series, row.last + 1)
        return int(row.last) + 1


@marks.tells("", "SELECT series, last FROM counter")
def raise_to(series: str, number: int) -> None:
    """Raise a sequence to at least this number, which was given before a restore."""
    with write():
        Counter.insert(series=series).on_conflict_ignore().execute()
        Counter.update(last=number).where((Counter.series == series) & (Counter.last < number)).execute()


def known_id(text: str) -> int:
    """Parse a row id from a URL or form. Raises NotFound for what no row can have."""
    row_id = ascii_whole(text, 0, LARGEST_ID)
    if row_id is None:
        raise NotFound
    return row_id

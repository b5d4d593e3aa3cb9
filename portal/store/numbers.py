"""Number series that never repeat: a counter row, raised inside the transaction that uses the number."""

import peewee

from portal.base.errors import NotFound
from portal.store.db import BaseModel, locked, write

LARGEST_ID = 2**31 - 1  # PostgreSQL keeps no larger one, and says so with an error


class Counter(BaseModel):
    """A series, such as `referral` or the prescriptions of a month."""

    series = peewee.CharField(max_length=20, unique=True)
    last = peewee.IntegerField(default=0)


def next_number(series: str) -> int:
    """The next number of a series. Given back when the transaction fails, so a series has no gaps."""
    with write():
        Counter.insert(series=series).on_conflict_ignore().execute()
        row = locked(Counter.select().where(Counter.series == series)).get()
        Counter.update(last=Counter.last + 1).where(Counter.id == row.id).execute()
        return int(row.last) + 1


def known_id(text: str) -> int:
    """A row's number, as an address or a form has it. Raises NotFound for what no row can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_ID):
        raise NotFound
    return int(text)

"""How often a wrong code may be typed at a kiosk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from portal.base.errors import Invalid, TooMany
from portal.base.language import gettext as _
from portal.store.db import write
from portal.work import throttle

MOST, WITHIN = 10, timedelta(minutes=15)


@contextmanager
def counted(address: str, *, now: datetime) -> Iterator[None]:
    """Count a try of this network before it is compared. Raises TooMany after MOST wrong ones, and what is inside."""
    bucket = f"kiosk:{throttle.network(address)}"
    with write():
        if throttle.count(bucket, within=WITHIN, now=now) >= MOST:
            sentence = _("Too many wrong codes were typed here. Please wait 15 minutes, or ask at the desk.")
            raise TooMany(sentence, retry_after=int(WITHIN.total_seconds()))
        attempt = throttle.begin(bucket, now=now)
    try:
        yield
    except Invalid:
        with write():
            throttle.decide([attempt])
        raise
    throttle.give_back([attempt])

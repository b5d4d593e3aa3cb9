"""Whether the store of the files can be used, asked by the worker every minute."""

from datetime import datetime

from portal.store.filing import current
from portal.store.filing.notes import DOWN, put, text_of
from portal.work import jobs


@jobs.sweep(every=60)
def sweep_store(now: datetime) -> None:
    """Note whether the store of the files can be used, for the overview: pages do not ask the store themselves."""
    reason = ""
    try:
        current.store().probe()
    except OSError as error:
        reason = str(error)
    if reason or text_of(DOWN):
        put(DOWN, text=reason, now=now)

"""After a restore no text of before is sent again: it may have gone out between the backup and the restore (F40)."""

from datetime import datetime

from portal.core.messages.models import Message
from portal.keeping.generation import after_restore
from portal.work import events

UNDECIDED = ("new", "leased", "unknown")
REASON = "not sent again after a restore"


@after_restore
def expire_texts(now: datetime) -> None:
    """Expire what waits, and let no event of before queue anything."""
    Message.update(state="expired", error=REASON, lease_until=None).where(Message.state.in_(UNDECIDED)).execute()
    events.settle_pending("messages.", now=now)

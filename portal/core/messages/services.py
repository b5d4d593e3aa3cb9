"""Texts to people: queued once per cause unless they are not wanted, sent again when somebody asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.messages.models import Message
from portal.core.messages.optout import is_wanted
from portal.core.outbox.delivery import SECRET, dispatch, text_of
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record

__all__ = ["text_of"]

log = structlog.get_logger(__name__)
LIFE = timedelta(hours=12)
LASTING = timedelta(days=3)  # news that is as good on Monday as on Friday


def queue(
    cause: str,
    to: str,
    template: str,
    language: str,
    values: Mapping[str, object],
    *,
    now: datetime,
    life: timedelta = LIFE,
    not_before: datetime | None = None,
) -> None:
    """Put one text into the outbox. The same cause, template and mobile make one message, however often asked.

    A kind that this mobile has switched off is not queued.
    """
    if not is_wanted(to, template):
        log.info("message_not_wanted", template=template)
        return
    first = max(now, not_before or now)
    with write():
        Message.insert(
            cause=cause, to=to, template=template, language=language, values=dict(values), state="new",
            created_at=now, next_at=first, expires_at=first + life,
        ).on_conflict_ignore().execute()  # fmt: skip
        mine = (Message.cause == cause) & (Message.template == template) & (Message.to == to)
        dispatch(Message.get(mine).id, template)


def resend(uid: str, *, by: Actor, now: datetime) -> None:
    """Send a failed message again, or one nobody knows of. Raises NotFound, or Conflict when that is pointless."""
    row = Message.get_or_none((Message.uid == uid) & Message.template.not_in(SECRET))
    if row is None:
        raise NotFound
    lost = Message.state.in_(("failed", "unknown"))
    again = (Message.id == row.id) & lost & (Message.expires_at > now)
    with write():
        if not claim(Message.update(state="new", tries=0, next_at=now, error="").where(again)):
            raise Conflict(_("Only a message that failed, and is not out of date, can be sent again."))
        record("MessageResent", uid, by=by, now=now)
        dispatch(row.id, row.template)

"""Queueing of messages: idempotent per cause, and only what is wanted."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from portal.core.messages.kinds import KINDS, SECRET
from portal.core.messages.models import Message
from portal.core.messages.optout import is_wanted
from portal.store.db import write
from portal.work import jobs
from portal.work.cause import request_id

log = structlog.get_logger(__name__)


def queue(
    cause: str,
    to: str,
    template: str,
    language: str,
    values: Mapping[str, object],
    *,
    now: datetime,
    life: timedelta | None = None,
    not_before: datetime | None = None,
) -> None:
    """Queue one message in the outbox. Idempotent: one message for each cause, template and mobile.

    A kind that this mobile has opted out of is not queued, nor any to an account that is closed and has no mobile.
    `life`: time until it expires, instead of its kind's.
    """
    if not to.startswith("+"):
        log.info("message_without_mobile", template=template)
        return
    if not is_wanted(to, template):
        log.info("message_not_wanted", template=template)
        return
    first = max(now, not_before or now)
    with write():
        Message.insert(
            cause=cause,
            to=to,
            template=template,
            language=language,
            values=dict(values),
            state="new",
            created_at=now,
            next_at=first,
            expires_at=first + (life or KINDS[template].life),
            request_id=request_id(),
        ).on_conflict_ignore().execute()
        mine = (Message.cause == cause) & (Message.template == template) & (Message.to == to)
        dispatch(Message.get(mine).id, template)


def dispatch(row_id: int, template: str) -> None:
    """Enqueue the job that sends this message, in the lane of its kind."""
    jobs.enqueue("send_secret" if template in SECRET else "send_message", row_id)

"""Alarms about failed messages: sentences for administrators, and an error in the log every minute while they last."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from peewee import fn

from portal.base.language import gettext as _
from portal.base.language import show_time
from portal.core.accounts import otp
from portal.core.messages.kinds import SECRET
from portal.core.messages.models import Message
from portal.settings.texts import TextRules
from portal.work import jobs

WINDOW = timedelta(minutes=15)
OVERDUE = timedelta(seconds=60)
LEAST_OTPS = 3
LOST = ("failed", "phone", "unknown", "expired")
UNDECIDED = ("new", "leased")
STUCK = 2  # messages with this many failed attempts count as lost, even before the next retry
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Share:
    """Failure rate: how many of the messages that were tried are lost."""

    lost: int
    tried: int

    def is_bad(self, least: int) -> bool:
        """Compare with both thresholds, number and percentage; 0 percent in the settings disables the alarm."""
        percent = TextRules.in_force().message_alarm_percent
        return percent > 0 and self.lost >= least and self.lost * 100 >= percent * self.tried


def standing(now: datetime) -> list[str]:
    """Return the alarms in force, as sentences."""
    otps, all_kinds = _shares(now)
    sentences = []
    if otps.is_bad(LEAST_OTPS):
        sentences.append(
            _(
                "%(lost)s of %(tried)s one-time passwords did not go out in the last 15 minutes: "
                "people cannot sign in.",
                lost=otps.lost,
                tried=otps.tried,
            )
        )
    if all_kinds.is_bad(TextRules.in_force().message_alarm_least):
        sentences.append(
            _(
                "%(lost)s of %(tried)s messages could not be sent in the last 15 minutes.",
                lost=all_kinds.lost,
                tried=all_kinds.tried,
            )
        )
    return sentences + otp.alarms(now) + _overdue(now)


@jobs.sweep(every=60)
def watch(now: datetime) -> None:
    """Log the alarms, for monitoring."""
    for sentence in standing(now):
        log.error("messages_alarm", alarm=sentence)


def _shares(now: datetime) -> tuple[Share, Share]:
    recent = Message.created_at > now - WINDOW
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    asked = Message.select(Message.template, Message.state, fn.COUNT(Message.id)).where(recent)
    rows: Any = asked.group_by(Message.template, Message.state).tuples()
    for template, state, count in rows:
        counts[template in SECRET][state] += count
    stuck = recent & (Message.state == "new") & (Message.tries >= STUCK)
    rows = Message.select(Message.template, fn.COUNT(Message.id)).where(stuck).group_by(Message.template).tuples()
    for template, count in rows:
        counts[template in SECRET].update(new=-count, failed=count)
    return _share(counts[True]), _share(counts[True] + counts[False])


def _share(states: Counter[str]) -> Share:
    tried = states.total() - sum(states[state] for state in UNDECIDED)
    return Share(sum(states[state] for state in LOST), tried)


def _overdue(now: datetime) -> list[str]:
    """Warn of messages that were due a minute ago and that no worker has leased."""
    left = (Message.state == "new") & (Message.next_at <= now - OVERDUE)
    oldest = Message.select(Message.next_at).where(left).order_by(Message.next_at).first()
    if oldest is None:
        return []
    return [
        _(
            "%(count)s messages that are due have not been sent, the oldest since %(time)s. Is the worker running?",
            count=Message.select().where(left).count(),
            time=show_time(oldest.next_at),
        )
    ]

"""Unusable delivery reports: those that match no text of ours, those that cannot be parsed, and those that never came.

With a wrong webhook URL, or another name for a field, in an operator's panel, every text looks as if it were on its way
for ever. So unusable reports are counted, and silence is noticed.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import fn

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.base.mobile import mask
from portal.core.messages.models import Message, SendAttempt, StrayReceipt
from portal.store.db import write
from portal.work import jobs

Kind = Literal["unknown", "unread"]
WINDOW = timedelta(days=1)
SILENT_AFTER = timedelta(hours=1)  # reports may be late
LEAST = 5  # texts without a report: fewer may be phones that are off
KEPT = timedelta(days=30)
MOBILE = re.compile(r"\+?[0-9]{10,12}")
HEARD = ("sent", "delivered", "failed")


@dataclass(frozen=True)
class Tally:
    """A provider since yesterday: texts accepted (an hour ago or more), those with a report, and the unusable ones.

    `unusable` and `details` go by kind: `unknown` (a number that no text of ours has) or `unread` (not understood).
    """

    provider: str
    taken: int = 0
    heard: int = 0
    unusable: dict[str, int] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Tell whether texts were sent, but no report ever came."""
        return self.taken >= LEAST and not self.heard

    def sentences(self) -> list[str]:
        """Return the warnings for the administrator."""
        said = []
        if self.is_silent:
            said.append(
                _(
                    "%(count)s texts were sent by %(provider)s since yesterday, but never a delivery report came"
                    ": nobody knows whether they arrived. Look at the address for reports in its panel.",
                    count=self.taken,
                    provider=self.provider,
                )
            )
        if count := self.unusable.get("unknown"):
            said.append(
                _(
                    "Delivery reports of %(provider)s since yesterday that match no text of ours: %(count)s, "
                    "such as number %(detail)s.",
                    provider=self.provider,
                    count=count,
                    detail=self.details["unknown"] or "–",
                )
            )
        if count := self.unusable.get("unread"):
            said.append(
                _(
                    "Delivery reports of %(provider)s since yesterday that were not understood: %(count)s. The "
                    "last one had these fields: %(detail)s.",
                    provider=self.provider,
                    count=count,
                    detail=self.details["unread"],
                )
            )
        return said


def count(provider: str, kind: Kind, detail: str, *, now: datetime, more: int = 1) -> None:
    """Count unusable reports of a provider.

    `detail` is the last one's reference (`unknown`), or the names of its fields (`unread`). A mobile in place of a
    reference is masked.
    """
    shown = mask(detail) if MOBILE.fullmatch(detail) else detail
    with write():
        values: dict[str, Any] = {"provider": provider, "day": clinic_day(now), "kind": kind}
        StrayReceipt.insert(**values).on_conflict_ignore().execute()
        mine = (StrayReceipt.provider == provider) & (StrayReceipt.day == clinic_day(now)) & (StrayReceipt.kind == kind)
        StrayReceipt.update(count=StrayReceipt.count + more, detail=shown[:200]).where(mine).execute()


def tallies(now: datetime) -> list[Tally]:
    """List each provider that accepted a text or sent an unusable report since yesterday."""
    taken, heard = _taken(now)
    rows = StrayReceipt.select().where(StrayReceipt.day >= clinic_day(now - WINDOW)).order_by(StrayReceipt.day)
    unusable: dict[str, Counter[str]] = {}
    details: dict[str, dict[str, str]] = {}
    for row in rows:
        unusable.setdefault(row.provider, Counter())[row.kind] += row.count
        details.setdefault(row.provider, {})[row.kind] = row.detail
    return [
        Tally(name, taken[name], heard[name], dict(unusable.get(name, {})), details.get(name, {}))
        for name in sorted({*taken, *unusable})
    ]


@jobs.sweep(every=3600)
def sweep_old_counts(now: datetime) -> None:
    """Delete counts older than a month."""
    StrayReceipt.delete().where(StrayReceipt.day < clinic_day(now - KEPT)).execute()


def _taken(now: datetime) -> tuple[Counter[str], Counter[str]]:
    """Count (accepted, reported) by provider; a driver that delivers at once needs no report."""
    window = (Message.created_at > now - WINDOW) & (Message.created_at <= now - SILENT_AFTER)
    asked = SendAttempt.select(SendAttempt.provider, Message.state, fn.COUNT(SendAttempt.id)).join(Message)
    rows: Any = asked.where(window & (SendAttempt.outcome == "accepted"))
    taken: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    for provider, state, number in rows.group_by(SendAttempt.provider, Message.state).tuples():
        taken[provider] += number
        heard[provider] += number if state in HEARD else 0
    return taken, heard

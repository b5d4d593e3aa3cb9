"""States of messages over time: counts per hour of a day or per day, as a chart and as a table show them."""

import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import fn

from portal.base.clock import clinic_day
from portal.base.language import show_date, show_time
from portal.core.messages.models import Message
from portal.core.outbox.filters import Filter, among

# From the foot of a bar to its top.
GROUPS = {
    "delivered": ("delivered",),
    "way": ("new", "leased", "unknown", "accepted", "sent"),
    "failed": ("failed", "expired", "phone"),
}
HEIGHT, STEP, LEAST = 100.0, 10, 1.5
SAMPLE = 1_000
SCATTERED_DAYS = 31  # of a million messages a quarter: more days than these take seconds to count


@dataclass(frozen=True)
class Slot:
    """An hour or a day."""

    begins: datetime
    label: str
    states: Counter[str]

    @property
    def total(self) -> int:
        """All messages of the slot."""
        return self.states.total()

    def count(self, group: str) -> int:
        """Messages of a group of states."""
        return sum(self.states[state] for state in GROUPS[group])


@dataclass(frozen=True)
class Part:
    """A piece of a bar in the drawing's units."""

    group: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Timeline:
    """All slots of a filter, whatever the state; `median` is the seconds until half of the newest had arrived."""

    slots: list[Slot]
    median: float | None
    is_hourly: bool
    is_cut: bool

    @property
    def states(self) -> Counter[str]:
        """How many messages are in which state."""
        return sum((slot.states for slot in self.slots), Counter[str]())

    @property
    def peak(self) -> int:
        """The most messages in one slot."""
        return max((slot.total for slot in self.slots), default=0)

    @property
    def width(self) -> int:
        """The drawing's width in its units."""
        return STEP * len(self.slots)

    @property
    def parts(self) -> list[Part]:
        """The pieces of all bars. What is there at all is seen, were it one in a thousand."""
        found = []
        for place, slot in enumerate(self.slots):
            top = HEIGHT
            for group in GROUPS:
                if count := slot.count(group):
                    height = max(count / self.peak * HEIGHT, LEAST)
                    top -= height
                    found.append(Part(group, place * STEP, round(top, 2), round(height, 2)))
        return found


def timeline(wanted: Filter, now: datetime) -> Timeline:
    """Count and draw: one step in the index of days for each slot."""
    is_hourly = wanted.first == wanted.last
    step = timedelta(hours=1) if is_hourly else timedelta(days=1)
    chosen, slots = among(wanted), []
    begins = max(wanted.begins, wanted.ends - timedelta(days=SCATTERED_DAYS)) if wanted.is_scattered else wanted.begins
    is_cut = begins > wanted.begins
    while begins < wanted.ends and begins <= now:
        label = show_time(begins) if is_hourly else show_date(clinic_day(begins))
        slots.append(Slot(begins, label, _counted(begins, begins + step, chosen)))
        begins += step
    return Timeline(slots, _median(wanted, chosen), is_hourly, is_cut)


def _counted(begins: datetime, ends: datetime, chosen: peewee.Expression) -> Counter[str]:
    inside = (Message.created_at >= begins) & (Message.created_at < ends) & chosen
    found: Any = Message.select(Message.state, fn.COUNT(Message.id)).where(inside).group_by(Message.state).tuples()
    return Counter(dict(found))


def _median(wanted: Filter, chosen: peewee.Expression) -> float | None:
    """From queued to delivered, of the newest thousand; those that a person phoned about took a person's time."""
    inside = (Message.created_at >= wanted.begins) & (Message.created_at < wanted.ends) & chosen
    arrived = (
        inside & (Message.state == "delivered") & Message.delivered_at.is_null(False) & (Message.call_outcome == "")
    )
    newest = Message.select(Message.created_at, Message.delivered_at).where(arrived).order_by(Message.created_at.desc())
    waits = [(row.delivered_at - row.created_at).total_seconds() for row in newest.limit(SAMPLE)]
    return statistics.median(waits) if waits else None

"""Message states over time: counts per hour or per day, for the chart and the table."""

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

# From the bottom of a bar to its top.
GROUPS = {
    "delivered": ("delivered",),
    "way": ("new", "leased", "unknown", "accepted", "sent"),
    "failed": ("failed", "expired", "phone"),
}
HEIGHT, STEP, LEAST = 100.0, 10, 1.5
SAMPLE = 1_000
SCATTERED_DAYS = 31  # of a quarter with a million messages: counting more days than these takes seconds


@dataclass(frozen=True)
class Slot:
    """One hour or one day."""

    begins: datetime
    label: str
    states: Counter[str]

    @property
    def total(self) -> int:
        """All messages of the slot."""
        return self.states.total()

    def count(self, group: str) -> int:
        """Count the messages of a group of states."""
        return sum(self.states[state] for state in GROUPS[group])


@dataclass(frozen=True)
class Part:
    """Segment of a bar, in the drawing's units."""

    group: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Timeline:
    """All slots of a filter, whatever the state; `median` is the seconds until half of the newest were delivered."""

    slots: list[Slot]
    median: float | None
    is_hourly: bool
    is_cut: bool

    @property
    def states(self) -> Counter[str]:
        """Number of messages by state."""
        return sum((slot.states for slot in self.slots), Counter[str]())

    @property
    def peak(self) -> int:
        """Maximum of messages in one slot."""
        return max((slot.total for slot in self.slots), default=0)

    @property
    def width(self) -> int:
        """Width of the drawing in its units."""
        return STEP * len(self.slots)

    @property
    def parts(self) -> list[Part]:
        """Segments of all bars. What is there at all is visible, were it one in a thousand."""
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
    """Count and draw: one index range for each slot."""
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
    """Median seconds from queued to delivered of the newest thousand, without those that a person phoned about."""
    inside = (Message.created_at >= wanted.begins) & (Message.created_at < wanted.ends) & chosen
    arrived = (
        inside & (Message.state == "delivered") & Message.delivered_at.is_null(False) & (Message.call_outcome == "")
    )
    newest = Message.select(Message.created_at, Message.delivered_at).where(arrived).order_by(Message.created_at.desc())
    waits = [(row.delivered_at - row.created_at).total_seconds() for row in newest.limit(SAMPLE)]
    return statistics.median(waits) if waits else None

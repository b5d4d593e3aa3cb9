"""Wishes of doctors about the roster, and their events."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import peewee

from portal.base.clock import clinic_day
from portal.core.accounts.models import Staff
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent

COLLEAGUE, OPEN = "colleague", "open"
STANDING = (COLLEAGUE, OPEN)
APPROVED, REFUSED, DECLINED, WITHDRAWN, LAPSED = "approved", "refused", "declined", "withdrawn", "lapsed"
ANSWERED = (APPROVED, REFUSED, DECLINED)  # by somebody else than the asker


class RosterWish(UidModel):
    """A wish for leave or for a swap. `state`: waits for the colleague, is open for the administrator, or its answer.

    The days are as the asker typed them; `half` of a leave is 1 or 2. Of a swap, `day` is what the asker gives and
    `other_day` what the colleague gives. Nothing is written when a day passes: `state_at` says that it has lapsed.
    """

    kind = peewee.CharField(max_length=8)
    doctor = peewee.ForeignKeyField(Staff, backref="wishes")
    day = peewee.DateField()
    until = peewee.DateField(null=True)
    half = peewee.CharField(max_length=1, default="")
    other = peewee.ForeignKeyField(Staff, backref="asked_of", null=True)
    other_day = peewee.DateField(null=True)
    reason = peewee.CharField(max_length=200, default="")
    state = peewee.CharField(max_length=10, default=OPEN, index=True)
    asked_at = UTCDateTimeField()
    answer = peewee.CharField(max_length=200, default="")
    answered_at = UTCDateTimeField(null=True)
    answered_by = peewee.ForeignKeyField(Staff, backref="answered_wishes", null=True)
    seen_at = UTCDateTimeField(null=True)  # the asker has put the answer away; the colleague: the next one
    other_seen_at = UTCDateTimeField(null=True)

    @property
    def first_day(self) -> date:
        """The first day that it is about: with it the wish lapses."""
        return min(self.day, self.other_day or self.day)

    def state_at(self, now: datetime) -> str:
        """Return the state, with what has lapsed."""
        is_over = self.state in STANDING and self.first_day < clinic_day(now)
        return LAPSED if is_over else str(self.state)

    @property
    def form(self) -> dict[str, str]:
        """The fields by which the administrator's own form of the roster would say the same."""
        days: dict[str, Any] = {"day": self.day, "until": self.until, "other_day": self.other_day}
        dates = {name: str(day) for name, day in days.items() if day}
        other = {"other": self.other.username} if self.other else {}
        return dates | other | {"doctor": self.doctor.username, "half": str(self.half), "reason": str(self.reason)}


@dataclass(frozen=True)
class RosterWishAsked(DomainEvent, about="the wish, by its uid"):
    """A doctor asks for leave of later days, or for a swap with a colleague."""

    kind: Annotated[str, "leave or swap"]


@dataclass(frozen=True)
class RosterWishAnswered(DomainEvent, about="the wish, by its uid"):
    """A wish of a doctor is answered by the colleague or an administrator, or taken back."""

    answer: Annotated[str, "open (the colleague agrees), declined, withdrawn, approved or refused"]
    change: Annotated[str, "uid of the change of the roster that was made; empty: none"] = ""

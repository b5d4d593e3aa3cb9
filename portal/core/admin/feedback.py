"""What patients say of their consultations, for the administrator: counts and words, never who said it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import peewee

from portal.core.accounts.models import Staff
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.feedback import RATINGS
from portal.core.visits.models import Feedback, Visit
from portal.store.db import write
from portal.store.listing import Listed, page_of
from portal.work import audit
from portal.work.audit import Actor

PAGE = 30
SPANS = (7, 30, 90, 365)  # days


@dataclass(frozen=True)
class Wish:
    """Which feedback: of the clinic days since, of a specialty (its code), of a rating; "" is any."""

    since: date
    specialty: str = ""
    rating: str = ""
    only_words: bool = False


@dataclass(frozen=True)
class Tally:
    """How often each rating was given."""

    counts: Counter[str]

    @property
    def total(self) -> int:
        """All answers."""
        return sum(self.counts.values())

    def share(self, rating: str) -> int:
        """Of a hundred answers."""
        return round(100 * self.counts[rating] / self.total) if self.total else 0


def tallies(since: date) -> tuple[Tally, list[tuple[Specialty, Tally]]]:
    """Count the ratings since a clinic day, in all and by specialty."""
    counted = _joined(Specialty.id, Feedback.rating, peewee.fn.COUNT(Feedback.id)).where(ClinicSession.day >= since)
    rows: Any = counted.group_by(Specialty.id, Feedback.rating).tuples()
    counts: dict[int, Counter[str]] = {}
    for specialty_id, rating, count in rows:
        counts.setdefault(specialty_id, Counter())[rating] = count
    found = Specialty.select().where(Specialty.id.in_(list(counts))).order_by(Specialty.id)
    whole: Counter[str] = sum(counts.values(), Counter())
    return Tally(whole), [(row, Tally(counts[row.id])) for row in found]


def said(wish: Wish, number: int) -> Listed:
    """Return a page of what was said, newest first, each with the doctor and specialty of its visit."""
    found = _joined(Feedback, Visit.id, ClinicSession.day, Specialty, Staff).where(ClinicSession.day >= wish.since)
    if wish.specialty:
        found = found.where(Specialty.code == wish.specialty)
    if wish.rating in RATINGS:
        found = found.where(Feedback.rating == wish.rating)
    if wish.only_words:
        found = found.where(Feedback.text != "")
    return page_of(found.order_by(Feedback.id.desc()), number, PAGE)


def unread() -> int:
    """Count what no administrator has noted yet."""
    return int(Feedback.select().where(Feedback.noted_at.is_null()).count())


def note_read(newest: datetime, *, by: Actor, now: datetime) -> int:
    """Note everything that was said or changed up to a moment as read; returns how much that was."""
    with write():
        mine = Feedback.noted_at.is_null() & (Feedback.at <= newest)
        noted = int(Feedback.update(noted_at=now).where(mine).execute())
        audit.note("FeedbackNoted", "", by=by, now=now, count=noted)
    return noted


def since_of(days: int, today: date) -> date:
    """Return the first clinic day of a span; an unknown span is the second."""
    return today - timedelta(days=days if days in SPANS else SPANS[1])


def _joined(*columns: object) -> "peewee.ModelSelect[Feedback]":
    """Join what was said with its day. + 0: from the days to what was said, else all of the past would be read."""
    found: peewee.ModelSelect[Feedback] = (
        Feedback.select(*columns)
        .join(Visit)
        .join(ClinicSession, on=Visit.session == ClinicSession.id + 0)
        .join(Specialty)
        .switch(Visit)
        .join(Staff, peewee.JOIN.LEFT_OUTER, on=Visit.doctor)
    )
    return found

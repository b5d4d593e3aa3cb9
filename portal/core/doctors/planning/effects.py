"""What a change of a roster does to tokens already given, worked out before it is done."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import LOOK_AHEAD_DAYS, hours_by, is_working_day, quota_by
from portal.core.doctors.planning.deeds import EARLIER, FARTHEST, FULL, LATER, NOBODY, SHUT, DayEffect, Deed, Effect
from portal.core.rosters.book import LEAVE, Book
from portal.core.rosters.reading import book_of
from portal.core.visits.attendance import present
from portal.core.visits.models import Visit
from portal.core.visits.states import READY


def effect_of(deed: Deed, now: datetime) -> Effect:
    """Work out what a change does to the days ahead."""
    today = clinic_day(now)
    book = book_of(deed.specialty, today, today + FARTHEST)
    after = book.changed(deed.facts)
    found = list(_days(deed.specialty, book, after, today))
    held = tuple(day for day in found if day.waiting or day.beyond)
    lost = tuple(day for day in found if day.sends_away and not day.waiting)
    return Effect(held, lost, {slot: book.facts.get(slot) for slot in deed.facts}, book)


def kinds_of(book: Book, after: Book, day: date, last_number: int = 0) -> tuple[str, ...]:
    """Say what a change does to a working day with so many numbers given."""
    old, new = book.rule(day), after.rule(day)
    if not new.is_open:
        return (SHUT,) if old.is_open else ()
    before, then = hours_by(old, day), hours_by(new, day)
    is_full = quota_by(new) < last_number and quota_by(new) < quota_by(old)
    told = {
        NOBODY: after.has_nobody(day) and not book.has_nobody(day),
        EARLIER: then.closes_at < before.closes_at,
        LATER: then.opens_at > before.opens_at,
        FULL: is_full,
    }
    return tuple(kind for kind, holds in told.items() if holds)


def stays_served(session: ClinicSession, after: Book) -> bool:
    """Is a doctor on duty there who is not on leave? Then nobody is sent away, on the roster or not."""
    day = session.day.isoformat()
    return any((LEAVE, duty.doctor_id, day) not in after.facts for duty in present(session))


def _days(specialty: Specialty, book: Book, after: Book, today: date) -> Iterator[DayEffect]:
    ahead = (ClinicSession.specialty == specialty) & (ClinicSession.day >= today)
    sessions = {row.day: row for row in ClinicSession.select().where(ahead & ClinicSession.closed_at.is_null())}
    waiting = waiting_by_day(ahead)
    for day in (today + timedelta(days=step) for step in range(LOOK_AHEAD_DAYS + 1)):
        session = sessions.get(day)
        numbers = session.last_number if session else 0
        kinds = kinds_of(book, after, day, numbers)
        if session is not None and kinds == (NOBODY,) and stays_served(session, after):
            continue
        if kinds and is_working_day(day):
            beyond = numbers - quota_by(after.rule(day)) if FULL in kinds else 0
            yield DayEffect(day, kinds, tuple(waiting.get(day, ())), beyond)


def waiting_by_day(sessions: peewee.Expression) -> dict[date, list[str]]:
    """Return who waits, by day: token and initials."""
    rows = (
        Visit.select(Visit, ClinicSession, Beneficiary, RegisterEntry)
        .join(ClinicSession)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(sessions & Visit.state.in_(READY))
        .order_by(Visit.id)
    )
    found: dict[date, list[str]] = {}
    for row in rows:
        found.setdefault(row.session.day, []).append(f"{row.token} · {initials(row.beneficiary.entry.name)}")
    return found


def initials(name: str) -> str:
    """Mask a name: the first letter of each of its words."""
    return " ".join(f"{word[0]}." for word in name.split())

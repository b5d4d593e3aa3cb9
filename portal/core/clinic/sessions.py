"""Clinic sessions: created on first use on a working day, their booking window, their token numbers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import peewee

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.base.language import show_date, show_time
from portal.core.clinic.day_rules import DayRule, rule_on
from portal.core.clinic.models import ClinicSession, Holiday, Specialty
from portal.settings.clinic import ClinicHours
from portal.store.db import write
from portal.store.kept import marks
from portal.store.prepared import Prepared

LOOK_AHEAD_DAYS = 60
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True)
class Hours:
    """The hours of one clinic day."""

    tokens_from: datetime
    opens_at: datetime
    closes_at: datetime


def hours(day: date) -> Hours:
    """Return the clinic's hours on a day from the settings; a demo may be open around the clock."""
    rules = ClinicHours.in_force()
    if rules.demo_all_day:
        midnight = at_ist(day, time.min)
        return Hours(midnight, midnight, at_ist(day, LAST_SECOND))
    return Hours(*(at_ist(day, moment) for moment in (rules.tokens_from, rules.opens_at, rules.closes_at)))


def hours_by(rule: DayRule, day: date) -> Hours:
    """Return the hours of a specialty with this rule; a demo around the clock knows no others than its own."""
    usual = hours(day)
    if ClinicHours.in_force().demo_all_day:
        return usual
    opens = at_ist(day, rule.opens_at) if rule.opens_at else usual.opens_at
    return Hours(usual.tokens_from, opens, at_ist(day, rule.closes_at) if rule.closes_at else usual.closes_at)


def quota_by(rule: DayRule) -> int:
    """Return how many tokens a session of a specialty with this rule gives."""
    return ClinicHours.in_force().session_quota if rule.quota is None else rule.quota


def is_open(specialty: Specialty, day: date) -> bool:
    """Is it a working day, on which this specialty is not closed?"""
    return is_working_day(day) and rule_on(specialty, day).is_open


@Prepared
def _holidays(day: object) -> peewee.Select:
    return Holiday.select(Holiday.id).where(Holiday.day == day)


def is_working_day(day: date) -> bool:
    """Is there clinic on this day?"""
    rules = ClinicHours.in_force()
    return rules.demo_all_day or (str(day.isoweekday()) in rules.working_days and not _holidays.all(day))


def holidays_between(first: date, last: date) -> dict[date, Holiday]:
    """Return the holidays of these days."""
    return {row.day: row for row in Holiday.select().where(Holiday.day.between(first, last))}


def is_usual_day(day: date) -> bool:
    """Is it one of the clinic's weekdays, holidays or not?"""
    rules = ClinicHours.in_force()
    return rules.demo_all_day or str(day.isoweekday()) in rules.working_days


@Prepared
def _session_of(specialty: object, day: object) -> peewee.Select:
    return ClinicSession.select().where((ClinicSession.specialty == specialty) & (ClinicSession.day == day))


def find_session(specialty: Specialty, now: datetime) -> ClinicSession | None:
    """Find today's session of a specialty; None before it is created."""
    found: ClinicSession | None = _session_of.first(specialty, clinic_day(now))
    if found is not None:
        found.specialty = specialty  # saves the query for the token's prefix
    return found


def session_for(specialty: Specialty, now: datetime) -> ClinicSession:
    """Get or create today's session of a specialty. Raises Conflict on a day without clinic."""
    session = find_session(specialty, now)
    if session is not None:
        return session
    day = clinic_day(now)
    if not is_open(specialty, day):
        raise Conflict(closed_sentence(now, specialty))
    return session_on(specialty, day)


def session_on(specialty: Specialty, day: date) -> ClinicSession:
    """Get or create the session of a specialty on a working day, with its hours and quota of the day."""
    rule = rule_on(specialty, day)
    times = hours_by(rule, day)
    with write():
        ClinicSession.insert(
            specialty=specialty,
            day=day,
            opens_at=times.opens_at,
            closes_at=times.closes_at,
            quota=quota_by(rule),
            prefix=specialty.token_prefix,
        ).on_conflict_ignore().execute()
        return ClinicSession.get((ClinicSession.specialty == specialty) & (ClinicSession.day == day))


def window(session: ClinicSession | None, now: datetime) -> str:
    """Return why no token can be requested now, as a sentence, or "". `session` is None before it is created.

    Tokens are for today: an earlier session that is still served is replaced by today's.
    """
    day = clinic_day(now)
    if session is not None and session.day < day:
        session = find_session(session.specialty, now)
    if session is None and not is_working_day(day):
        return closed_sentence(now)
    times = hours(day)
    closes_at = session.closes_at if session else times.closes_at
    if now < times.tokens_from:
        return _("Tokens for today are given from %(time)s.", time=show_time(times.tokens_from))
    if now >= closes_at or (session is not None and session.closed_at is not None):
        return closed_sentence(now, session.specialty if session else None)
    return ""


def closed_sentence(now: datetime, specialty: Specialty | None = None) -> str:
    """Return the sentence that the clinic is closed, and when it opens next; of one specialty where given."""
    day = next_working_day(clinic_day(now), specialty)
    if day is None:
        return _("The clinic is closed. Please call the helpline to learn when it opens.")
    times = hours_by(rule_on(specialty, day), day) if specialty else hours(day)
    return _(
        "The clinic is closed now. It opens next on %(day)s, %(opens)s to %(closes)s; "
        "tokens are given from %(tokens)s.",
        day=show_date(day),
        opens=show_time(times.opens_at),
        closes=show_time(times.closes_at),
        tokens=show_time(times.tokens_from),
    )


def next_working_day(after: date, specialty: Specialty | None = None) -> date | None:
    """Return the next working day (of one specialty where given), within LOOK_AHEAD_DAYS."""
    days = (after + timedelta(days=step) for step in range(1, LOOK_AHEAD_DAYS + 1))
    held = (day for day in days if (is_open(specialty, day) if specialty else is_working_day(day)))
    return next(held, None)


@Prepared
def _next_number(session: object) -> peewee.Update:
    """Increment the counter by compare-and-set, within the quota."""
    free = (ClinicSession.last_number < ClinicSession.quota) & ClinicSession.closed_at.is_null()
    take = ClinicSession.update(last_number=ClinicSession.last_number + 1, version=ClinicSession.version + 1)
    return take.where((ClinicSession.id == session) & free).returning(ClinicSession.last_number).tuples()


def draw_number(session: ClinicSession, now: datetime) -> int:
    """Draw the next number. No gaps and no repeats: counter and visit are one transaction. Raises Conflict."""
    closed = window(session, now)
    if closed:
        raise Conflict(closed)
    drawn = _next_number.first(session.id)
    if drawn is None:
        raise Conflict(
            _(
                "All tokens of today for this doctor are taken. "
                "Please try on the next working day, or call the helpline."
            )
        )
    return _noted(session, int(drawn[0]))


def number_beyond_quota(session: ClinicSession) -> int:
    """Draw the next number for a successor visit, regardless of quota and booking window."""
    counter = ClinicSession.update(last_number=ClinicSession.last_number + 1, version=ClinicSession.version + 1)
    counter.where(ClinicSession.id == session.id).execute()
    drawn = ClinicSession.select(ClinicSession.last_number).where(ClinicSession.id == session.id).scalar()
    return _noted(session, int(drawn))


@marks.tells(
    "token-",
    "SELECT 'token-' || specialty.code || '-' || clinic_session.day, clinic_session.last_number "
    "FROM clinic_session JOIN specialty ON specialty.id = clinic_session.specialty_id",
)
def raise_to(series: str, number: int) -> None:
    """Raise the numbers of a session to at least this one, which was told before a restore; its quota grows with them.

    A session that began after the backup is created. Those of a specialty that is not there are nobody's.
    """
    code, day = series.removeprefix("token-")[:-11], date.fromisoformat(series[-10:])
    specialty = Specialty.get_or_none(Specialty.code == code)
    if specialty is None:
        return
    session = session_on(specialty, day)
    lost = number - session.last_number
    if lost > 0:
        more = {"last_number": number, "quota": session.quota + lost, "version": session.version + 1}
        ClinicSession.update(more).where(ClinicSession.id == session.id).execute()


def _noted(session: ClinicSession, number: int) -> int:
    marks.note(f"token-{session.specialty.code}-{session.day.isoformat()}", number)
    return number

"""Quiet hours: texts that can wait are postponed (operators deliver service texts at any hour)."""

from datetime import date, datetime, time, timedelta

from portal.base.clock import at_ist, clinic_day
from portal.core.clinic.sessions import hours, is_working_day
from portal.core.messages.kinds import KINDS
from portal.settings.texts import TextRules


def first_moment(template: str, now: datetime) -> datetime:
    """Return when a text may be sent: now, or at the end of the quiet hours."""
    waits = KINDS[template].waits if template in KINDS else "never"
    if waits == "never":  # an OTP, and whatever needs an action now
        return now
    morning = _end_of_quiet(now)
    if _is_open(now) or (waits == "before_opening" and morning >= hours(clinic_day(morning)).opens_at):
        return now
    return morning


def _end_of_quiet(now: datetime) -> datetime:
    """Return the end of the quiet hours around this moment, or the moment itself."""
    rules = TextRules.in_force()
    today = clinic_day(now)
    for day in (today - timedelta(days=1), today):
        first, last = _span(day, rules.quiet_from, rules.quiet_until)
        if first <= now < last:
            return last
    return now


def _span(day: date, begins: time, ends: time) -> tuple[datetime, datetime]:
    """Return the quiet hours that begin on a day; over midnight where they end earlier than they begin."""
    last_day = day + timedelta(days=1) if ends < begins else day
    return at_ist(day, begins), at_ist(last_day, ends)


def _is_open(now: datetime) -> bool:
    """Tell whether the clinic is open: then quiet hours do not apply, however late."""
    day = clinic_day(now)
    return is_working_day(day) and hours(day).opens_at <= now <= hours(day).closes_at

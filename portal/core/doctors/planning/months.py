"""Months of the preview: which one is asked for, those beside it, its last day."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from portal.base.clock import clinic_day


def month_of(text: str, now: datetime) -> date:
    """Return the first day of a month written as 2026-12; of this one for everything else, or too far away."""
    this = clinic_day(now).replace(day=1)
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return this
    return asked if abs((asked - this).days) <= 400 else this


def beside(first: date) -> tuple[date, date]:
    """Return the first days of the months before and after."""
    return (first - timedelta(days=1)).replace(day=1), last_of(first) + timedelta(days=1)


def last_of(first: date) -> date:
    """Return the last day of the month that begins here."""
    return first.replace(day=monthrange(first.year, first.month)[1])

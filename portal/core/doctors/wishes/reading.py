"""Wishes of doctors, read: all of them, what waits for whom, and what concerns one doctor."""

from datetime import datetime, timedelta
from typing import Any

import peewee

from portal.base.clock import clinic_day
from portal.core.accounts.models import Staff
from portal.core.doctors.wishes.models import ANSWERED, COLLEAGUE, OPEN, STANDING, RosterWish

SHOWN = timedelta(days=60)  # so long the asker sees an answer
Asker, Other = Staff.alias(), Staff.alias()


def wishes() -> "peewee.ModelSelect[Any]":
    """Select all wishes with their doctors, newest first."""
    rows = RosterWish.select(RosterWish, Asker, Other)
    rows = rows.join(Asker, on=(RosterWish.doctor == Asker.id), attr="doctor").switch(RosterWish)
    rows = rows.join(Other, peewee.JOIN.LEFT_OUTER, on=(RosterWish.other == Other.id), attr="other")
    return rows.order_by(RosterWish.id.desc())


def is_standing(now: datetime) -> peewee.Expression:
    """Return the condition of what is not answered and has not lapsed."""
    today = clinic_day(now)
    is_ahead = (RosterWish.day >= today) & (RosterWish.other_day.is_null() | (RosterWish.other_day >= today))
    return RosterWish.state.in_(STANDING) & is_ahead


def concerning(doctor: Staff, now: datetime) -> list[RosterWish]:
    """List a doctor's own wishes and those asked of the doctor: what waits, and the last answers."""
    mine = (RosterWish.doctor == doctor) | (RosterWish.other == doctor)
    recent = is_standing(now) | (RosterWish.asked_at > now - SHOWN)
    return list(wishes().where(mine & recent))


def count_open(now: datetime) -> int:
    """Count what waits for an administrator."""
    return int(RosterWish.select().where(is_standing(now) & (RosterWish.state == OPEN)).count())


def unseen_answers(doctor: Staff, now: datetime) -> list[RosterWish]:
    """List the answers this doctor has not put away: to own wishes, and to swaps that a colleague asked for."""
    own = (RosterWish.doctor == doctor) & RosterWish.seen_at.is_null()
    asked = (RosterWish.other == doctor) & RosterWish.other_seen_at.is_null() & (RosterWish.answered_by != doctor)
    recent = RosterWish.state.in_(ANSWERED) & (RosterWish.answered_at > now - SHOWN)
    return list(wishes().where(recent & (own | asked)))


def asks_of(colleague: Staff, now: datetime) -> bool:
    """Does a colleague wait for this doctor's answer to a swap?"""
    mine = (RosterWish.other == colleague) & (RosterWish.state == COLLEAGUE)
    return bool(RosterWish.select().where(is_standing(now) & mine).exists())

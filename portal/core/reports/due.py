"""Which clinic days new events belong to."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from peewee import fn

from portal.base.clock import clinic_day
from portal.core.clinic.models import ClinicSession
from portal.core.messages.models import Message
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.reports.counting import COUNTED
from portal.core.reports.models import ReportDay, ReportMark
from portal.core.visits.models import Visit
from portal.store.db import is_sqlite, joined, write
from portal.work.events import Event

AT_ONCE, STRETCHES = 2_000, 20  # events in one transaction; transactions in one run
# On PostgreSQL an event may become visible after a later one: the newest are read again until no transaction is so old.
SETTLES = timedelta(minutes=10)
OF_VISIT = {*COUNTED, "RoomOpened", "CallModeChanged"}
VISIT_IN_DATA = {"PrescriptionIssued", "PrescriptionAmended", "PrescriptionCancelled"}
VISIT_IN_DATA |= {"MedicinesDispensed", "DispensingReversed"}
OF_REQUEST = {"ReferralRequested", "ReferralRequestAnswered"}
OF_MESSAGE = {"MessageDelivered", "MessageFailed", "PatientPhoned"}


def note_events(now: datetime) -> None:
    """Make due the days of the events since the last run, each stretch in a transaction of its own."""
    for _stretch in range(STRETCHES):
        if not _note_stretch(now):
            return


def pass_over() -> None:
    """Leave out what has happened so far: every day is counted anew anyway."""
    _remember(Event.select(fn.MAX(Event.id)).scalar() or 0)


def first_day() -> date | None:
    """Return the first clinic day of all."""
    day: date | None = ClinicSession.select(fn.MIN(ClinicSession.day)).scalar()
    issued = Referral.select(fn.MIN(Referral.issued_at)).scalar()
    return min(filter(None, (day, clinic_day(issued) if issued else None)), default=None)


def _note_stretch(now: datetime) -> bool:
    """Note up to AT_ONCE events; True when there may be more."""
    mark = ReportMark.get_or_none(ReportMark.id == 1) or ReportMark(event=0)
    columns = (Event.id, Event.name, Event.subject, Event.at, Event.data)
    rows: Any = Event.select(*columns).where(Event.id > mark.event).order_by(Event.id).limit(AT_ONCE).tuples()
    found = list(rows)
    days = days_of((name, subject, data) for _id, name, subject, _at, data in found)
    settled = [row_id for row_id, _name, _subject, at, _data in found if is_sqlite() or at <= now - SETTLES]
    with write():
        note_days(days)
        if settled:
            _remember(max(settled))
    return len(settled) == AT_ONCE


def note_days(days: Iterable[date]) -> None:
    """Make days due."""
    again = {ReportDay.is_due: True, ReportDay.version: ReportDay.version + 1}
    with joined():
        for day in days:
            ReportDay.insert(day=day).on_conflict(conflict_target=[ReportDay.day], update=again).execute()


def _remember(event: int) -> None:
    again = {ReportMark.event: event}
    with joined():
        ReportMark.insert(id=1, event=event).on_conflict(conflict_target=[ReportMark.id], update=again).execute()


def days_of(events: Iterable[tuple[str, str, dict[str, Any]]]) -> set[date]:
    """Return the clinic days that events (name, subject, data) belong to."""
    visits, requests, referrals, messages = set(), set(), set(), set()
    for name, subject, data in events:
        if name in OF_VISIT:
            visits.add(subject)
        elif name in VISIT_IN_DATA:
            visits.add(data["visit"])
        elif name in OF_REQUEST:
            requests.add(subject)
        elif name == "ReferralIssued":
            referrals.add(subject)
        elif name in OF_MESSAGE:
            messages.add(subject)
    moments = (
        _moments(Referral, Referral.issued_at, referrals),
        _moments(ReferralRequest, ReferralRequest.asked_at, requests),
        _moments(Message, Message.created_at, messages),
    )
    return _days_of_visits(visits) | {clinic_day(moment) for found in moments for moment in found}


def _days_of_visits(uids: set[str]) -> set[date]:
    rows: Any = ClinicSession.select(ClinicSession.day).join(Visit).where(Visit.uid.in_(list(uids))).distinct().tuples()
    return {day for (day,) in rows} if uids else set()


def _moments(table: Any, field: Any, uids: set[str]) -> list[datetime]:
    return [moment for (moment,) in table.select(field).where(table.uid.in_(list(uids))).tuples()] if uids else []

"""Keeping the counts by day: which days are due, counting one anew, and adding its months up.

An event makes its clinic day due, also when it comes late; a due day is counted anew from the event table, so that
nothing is counted twice. The month takes the difference of each of its days in the same transaction.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import peewee
from peewee import fn

from portal.base.clock import clinic_day
from portal.core.clinic.models import ClinicSession
from portal.core.messages.models import Message
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.reports.counting import COUNTED, PARTS, Cells, count_visits, rolled_up
from portal.core.reports.details import count_details
from portal.core.reports.models import ReportDay, ReportMark, ReportRow
from portal.core.visits.models import Visit
from portal.store.db import claim, is_sqlite, joined, write
from portal.store.prepared import insert
from portal.work import jobs
from portal.work.events import Event

EVERY, AT_ONCE, MANY = 60, 5, 200  # seconds; days in one run; rows in a statement
PAUSE = timedelta(minutes=5)  # a day that goes on is counted no more often
# Retention begins after three years at the earliest: details of older days are not counted again without their rows.
DETAILS_STAND = timedelta(days=730)
EVENTS_AT_ONCE, STRETCHES = 2_000, 20  # events in one transaction; transactions in one run
# On PostgreSQL an event may become visible after a later one: the newest are read again until no transaction is so old.
SETTLES = timedelta(minutes=10)
OF_VISIT = {*COUNTED, "RoomOpened", "CallModeChanged"}
VISIT_IN_DATA = {"PrescriptionIssued", "PrescriptionAmended", "PrescriptionCancelled"}
VISIT_IN_DATA |= {"MedicinesDispensed", "DispensingReversed"}
OF_REQUEST = {"ReferralRequested", "ReferralRequestAnswered"}
OF_MESSAGE = {"MessageDelivered", "MessageFailed", "PatientPhoned"}
Key = tuple[int, int, str]


@jobs.sweep(every=EVERY)
def count_reports(now: datetime) -> None:
    """Note the days of new events, and count what is due: the newest days first, today every few minutes."""
    note_events(now)
    for row in list(_due(now).limit(AT_ONCE)):
        count_day(row, now)


def count_day(row: ReportDay, now: datetime, *, adds_up: bool = True) -> bool:
    """Count a day anew. False, and nothing changes, when it became due again or another worker was quicker.

    `adds_up`: the month takes the difference; else somebody adds the month up afterwards.
    """
    cells = count_visits(row.day)
    if row.counted_at is None or clinic_day(now) - row.day < DETAILS_STAND:
        cells |= count_details(row.day)
        replaced = None
    else:
        replaced = set(PARTS)
    mine = (ReportDay.id == row.id) & (ReportDay.version == row.version)
    with write():
        if not claim(ReportDay.update(is_due=False, counted_at=now).where(mine)):
            return False
        changed = _store(row.day, rolled_up(cells), replaced)
        if adds_up:
            _store_month(row.day.replace(day=1), changed)
    return True


def rebuild(now: datetime) -> int:
    """Count every day anew, and every month from its days; returns how many days. Pages are served meanwhile."""
    pass_over()
    begins, today = first_day(), clinic_day(now)
    note_days((begins + timedelta(days=step) for step in range((today - begins).days + 1)) if begins else ())
    rows = list(ReportDay.select().order_by(ReportDay.day))
    for row in rows:
        count_day(row, now, adds_up=False)
    for month in {row.day.replace(day=1) for row in rows}:
        _add_up(month)
    return len(rows)


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


def counted_at(last: date) -> datetime | None:
    """Return when the newest counted day up to this one was counted; None before the first."""
    row = ReportDay.select().where((ReportDay.day <= last) & ReportDay.counted_at.is_null(False))
    newest = row.order_by(ReportDay.day.desc()).first()
    return newest.counted_at if newest else None


def _due(now: datetime) -> "peewee.ModelSelect[ReportDay]":
    is_ripe = ReportDay.counted_at.is_null() | (ReportDay.counted_at <= now - PAUSE)
    found: peewee.ModelSelect[ReportDay] = ReportDay.select().where(ReportDay.is_due & is_ripe)
    return found.order_by(ReportDay.day.desc())


def _store(day: date, cells: Cells, parts: set[str] | None) -> dict[Key, Counter[str]]:
    """Write what has changed of a day, and return the differences. `parts`: of these alone; None: of all."""
    before = {key: row for key, row in _rows(day, is_month=False).items() if parts is None or key[2] in parts}
    differences: dict[Key, Counter[str]] = {}
    after: dict[Key, dict[str, int]] = {}
    for key in before.keys() | cells.keys():
        now, was = _positive(cells.get(key, Counter())), before[key].counts if key in before else {}
        if now != was:
            after[key] = now
            differences[key] = Counter(now)
            differences[key].subtract(was)
    _replace(day, False, before, after)
    return differences


def _store_month(month: date, differences: dict[Key, Counter[str]]) -> None:
    before = _rows(month, is_month=True) if differences else {}
    after = {}
    for key, difference in differences.items():
        total = Counter(before[key].counts if key in before else {})
        total.update(difference)
        after[key] = _positive(total)
    _replace(month, True, before, after)


def _rows(begins: date, *, is_month: bool) -> dict[Key, ReportRow]:
    found = ReportRow.select().where((ReportRow.begins == begins) & (ReportRow.is_month == is_month))
    return {(row.specialty, row.centre, row.part): row for row in found}


def _replace(begins: date, is_month: bool, before: dict[Key, ReportRow], after: dict[Key, dict[str, int]]) -> None:
    """Put these counts in the place of those before, quickly, as others wait to write."""
    gone = [before[key].id for key in after if key in before]
    for place in range(0, len(gone), MANY):
        ReportRow.delete().where(ReportRow.id.in_(gone[place : place + MANY])).execute()
    common = {"begins": begins, "is_month": is_month}
    for (specialty, centre, part), counts in sorted(after.items()):
        if counts:
            insert(ReportRow(specialty=specialty, centre=centre, part=part, counts=counts, **common))


def _positive(counts: Any) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}


def _add_up(month: date) -> None:
    """Count a month from its days."""
    following = (month + timedelta(days=31)).replace(day=1)
    days = (ReportRow.begins >= month) & (ReportRow.begins < following) & (ReportRow.is_month == False)  # noqa: E712
    with write():
        totals: dict[Key, Counter[str]] = {}
        for row in ReportRow.select().where(days):
            totals.setdefault((row.specialty, row.centre, row.part), Counter()).update(row.counts)
        before = _rows(month, is_month=True)
        after = {key: _positive(totals.get(key, Counter())) for key in before.keys() | totals.keys()}
        changed = {key: now for key, now in after.items() if key not in before or before[key].counts != now}
        _replace(month, True, before, changed)


def _note_stretch(now: datetime) -> bool:
    """Note up to EVENTS_AT_ONCE events; True when there may be more."""
    mark = ReportMark.get_or_none(ReportMark.id == 1) or ReportMark(event=0)
    columns = (Event.id, Event.name, Event.subject, Event.at, Event.data)
    rows: Any = Event.select(*columns).where(Event.id > mark.event).order_by(Event.id).limit(EVENTS_AT_ONCE).tuples()
    found = list(rows)
    days = days_of((name, subject, data) for _id, name, subject, _at, data in found)
    settled = [row_id for row_id, _name, _subject, at, _data in found if is_sqlite() or at <= now - SETTLES]
    with write():
        note_days(days)
        if settled:
            _remember(max(settled))
    return len(settled) == EVENTS_AT_ONCE


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

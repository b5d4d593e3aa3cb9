"""Series of the work behind the pages: queues, events, PDFs, texts, workers, backup, and what `portal check` finds."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from peewee import fn

from portal import tasks
from portal.base import language
from portal.core.admin.troubles import troubles
from portal.core.messages.models import Message
from portal.core.prescriptions.models import UNMADE, Prescription
from portal.keeping import schedule
from portal.keeping.models import Scrub
from portal.metrics.series import Series, gauge, gauges, seconds_since
from portal.work import damage, events, heartbeat
from portal.work.events import Event
from portal.work.proving import checks

RECENT = timedelta(minutes=15)
# What `portal check` calls failures; of certificates and reports only that there are some, not whose.
PARTS = (
    "worker",
    "queue",
    "disk",
    "store",
    "files' store",
    "late prescriptions",
    "events",
    "dead letters",
    "files",
    "audit",
    "unsigned",
    "orphans",
    "certificate",
    "backup",
    "other",
)


def queues(now: datetime) -> Series:
    """Yield the length of each lane of the task queue, and how long its next job has been waiting."""
    lanes = current_app.extensions["portal.queues"]
    lengths = [((lane,), float(queue.pending_count())) for lane, queue in lanes.items()]
    ages = [((lane,), tasks.waited(queue, now)) for lane, queue in lanes.items()]
    yield gauges("portal_queue_jobs", "Jobs in the task queue by lane.", ("lane",), lengths)
    yield gauges("portal_queue_oldest_seconds", "How long the next job has been waiting.", ("lane",), ages)


def outbox(now: datetime) -> Series:
    """Yield what the events and the prescriptions still wait for."""
    pending = Event.next_at.is_null(False)
    oldest = Event.select(fn.MIN(Event.at)).where(pending).scalar()
    first = Prescription.select(fn.MIN(Prescription.issued_at)).where(UNMADE).scalar()
    about = "Age of the oldest event that a listener has not heard."
    yield gauge("portal_events_pending", "Events that are not delivered yet.", events.count_pending())
    yield gauge("portal_event_oldest_seconds", about, seconds_since(oldest, now))
    yield gauge("portal_events_dead", "Dead letters: events given up after many tries.", events.dead().count())
    about = "Issued prescriptions whose PDF is not made yet."
    yield gauge("portal_prescriptions_unmade", about, Prescription.select().where(UNMADE).count())
    yield gauge("portal_prescription_oldest_seconds", "Age of the oldest of them.", seconds_since(first, now))


def texts(now: datetime) -> Series:
    """Yield the texts of the last quarter of an hour by driver and state, and those that are due."""
    states = "Texts queued in the last 15 minutes, by driver and state."
    due = (Message.state == "new") & (Message.next_at <= now)
    oldest = Message.select(fn.MIN(Message.next_at)).where(due).scalar()
    yield gauges("portal_sms", states, ("driver", "state"), _states(now))
    yield gauge("portal_sms_due", "Texts that are due and not being sent.", Message.select().where(due).count())
    yield gauge("portal_sms_oldest_due_seconds", "For how long the oldest is due.", seconds_since(oldest, now))


def keeping(now: datetime) -> Series:
    """Yield the workers that live, the age of the backup, damaged files, and what is in trouble."""
    workers, newest = heartbeat.living(), schedule.newest()
    last = heartbeat.WorkerRow.select(fn.MAX(heartbeat.WorkerRow.beat_at)).scalar()
    silent = (heartbeat.database_time() - last).total_seconds() if last else None
    yield gauge("portal_workers", "Workers whose heartbeat is recent.", len(workers))
    yield gauge("portal_heartbeat_age_seconds", "Age of the newest heartbeat of a worker.", silent)
    wanted, age = bool(schedule.where_to()), seconds_since(newest.taken_at, now) if newest else None
    yield gauge("portal_backup_wanted", "1 where a place for daily backups is set.", wanted)
    yield gauge("portal_backup_age_seconds", "Age of the newest verified backup.", age)
    yield from _scrub(now)
    yield gauge("portal_files_damaged", "Stored files that are missing or damaged.", damage.count())
    yield from _audit_log(now)
    yield gauges("portal_trouble", "1 for each failure that `portal check` finds.", ("part",), _troubles(now))


def _scrub(now: datetime) -> Series:
    row: Scrub | None = Scrub.get_or_none()
    age = seconds_since(row.finished_at, now) if row and row.finished_at else None
    yield gauge("portal_scrub_age_seconds", "Since all stored files were read again and compared.", age)
    yield gauge("portal_scrub_files", "Files read in this pass.", row.files if row else 0)
    yield gauge("portal_scrub_bytes", "Bytes read in this pass.", row.bytes if row else 0)


def _audit_log(now: datetime) -> Series:
    check = checks.newest()
    age = seconds_since(check.at, now) if check else None
    yield gauge("portal_audit_verified_age_seconds", "Since the audit log was verified.", age)
    yield gauge("portal_audit_breaks", "Breaks that the last verification found.", check.breaks if check else 0)


def _states(now: datetime) -> Iterator[tuple[tuple[str, str], float]]:
    recent = Message.select(Message.provider, Message.state, fn.COUNT(Message.id))
    rows: Any = recent.where(Message.created_at > now - RECENT).group_by(Message.provider, Message.state).tuples()
    for provider, state, count in rows:
        yield (provider or "none", state), count


def _troubles(now: datetime) -> Iterator[tuple[tuple[str], float]]:
    with language.speaking("en"):
        found = Counter(part for trouble in troubles(now) if not trouble.is_note for part in _parts(trouble.part))
    return (((part,), float(min(found[part], 1))) for part in PARTS)


def _parts(part: str) -> list[str]:
    return [known for known in PARTS if part == known or part.startswith(f"{known} ")] or ["other"]

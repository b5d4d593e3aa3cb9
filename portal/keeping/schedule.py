"""The daily backup: the worker starts `portal backup --scheduled` as a process of its own, and looks after it."""

import re
from datetime import datetime, timedelta

from portal.base import clock
from portal.keeping.models import Backup
from portal.keeping.places import Place, place_of
from portal.sandbox.command import Command
from portal.settings.backups import BackupRules
from portal.work import jobs, throttle

RETRY = timedelta(hours=1)
STALE = timedelta(hours=25)  # a day, and the time that a backup takes
NAME = re.compile(r".*/paramarsh-[0-9]{8}T[0-9]{6}\.tar")
COMMAND = Command("backup", "--scheduled")


def newest() -> Backup | None:
    """Return the newest backup that was verified."""
    found: Backup | None = Backup.select().where(Backup.verified).order_by(Backup.taken_at.desc()).first()
    return found


def is_due(now: datetime) -> bool:
    """Is there a place for backups, and none of today's hour or later?"""
    rules = BackupRules.in_force()
    if not rules.backup_place:
        return False
    last = newest()
    return last is None or last.taken_at < clock.last_at(rules.backup_hour, now)


def is_stale(now: datetime) -> bool:
    """Is the newest verified backup older than a day, where any are to be made?"""
    last = newest()
    return now - last.taken_at > STALE if last else bool(where_to())


def where_to() -> str:
    """Return the folder or address of the settings; empty when there is none."""
    return BackupRules.in_force().backup_place


def place_for(now: datetime) -> Place:
    """Return where the backup of this moment goes."""
    return place_of(f"{where_to()}/paramarsh-{now:%Y%m%dT%H%M%S}.tar")


def delete_old() -> int:
    """Delete the scheduled backups that are older than the newest verified ones that are kept; return how many."""
    kept = BackupRules.in_force().backups_kept
    verified = Backup.select(Backup.taken_at).where(Backup.verified & Backup.place.contains("/paramarsh-"))
    last = verified.order_by(Backup.taken_at.desc()).offset(kept - 1).first()
    old = Backup.select().where(Backup.taken_at < last.taken_at) if last else ()
    gone = [row for row in old if NAME.fullmatch(row.place)]
    for row in gone:
        place_of(row.place).delete()
        row.delete_instance()
    return len(gone)


@jobs.sweep(every=60)
def back_up_when_due(now: datetime) -> None:
    """Start the daily backup, on one worker; one that failed is tried again after an hour."""
    if not COMMAND.is_running() and is_due(now) and throttle.take_turn("backup", within=RETRY, now=now):
        COMMAND.start()


@jobs.at_stop
def stop_backup() -> None:
    """End a backup with the worker; it leaves nothing behind."""
    COMMAND.stop()

"""The daily backup: the worker starts `portal backup --scheduled` as a process of its own, and looks after it."""

import re
import subprocess
import sys
from datetime import datetime, time, timedelta

import structlog

from portal.base.clock import at_ist, clinic_day
from portal.keeping.models import Backup
from portal.keeping.places import Place, place_of
from portal.settings.backups import BackupRules
from portal.store.db import one_at_a_time, write
from portal.work import jobs, throttle

RETRY = timedelta(hours=1)
STALE = timedelta(hours=25)  # a day, and the time that a backup takes
NAME = re.compile(r".*/paramarsh-[0-9]{8}T[0-9]{6}\.tar")
log = structlog.get_logger(__name__)
_child: subprocess.Popen[bytes] | None = None


def newest() -> Backup | None:
    """Return the newest backup that was verified."""
    found: Backup | None = Backup.select().where(Backup.verified).order_by(Backup.taken_at.desc()).first()
    return found


def is_due(now: datetime) -> bool:
    """Is there a place for backups, and none of today's hour or later?"""
    rules = BackupRules.in_force()
    if not rules.backup_place:
        return False
    at = at_ist(clinic_day(now), time(rules.backup_hour))
    at = at if at <= now else at - timedelta(days=1)
    last = newest()
    return last is None or last.taken_at < at


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
    if _is_running() or not is_due(now):
        return
    with write():
        one_at_a_time("backup")
        if throttle.count("backup", within=RETRY, now=now):
            return
        throttle.hit("backup", now=now)
    _start()


@jobs.at_stop
def stop_backup() -> None:
    """End a backup with the worker; it leaves nothing behind."""
    if _is_running() and _child is not None:
        _child.terminate()


def _start() -> None:
    global _child
    _child = subprocess.Popen([sys.executable, "-m", "portal", "backup", "--scheduled"])
    log.info("backup_begins", pid=_child.pid)


def _is_running() -> bool:
    """Is our backup still being made? Log the end of one that failed; its sentence is in the log before."""
    global _child
    if _child is None:
        return False
    code = _child.poll()
    if code is None:
        return True
    _child = None
    if code:
        log.error("backup_failed", code=code)
    return False

"""Presence and leases touched by polls: buffered in memory, written in one batch every two seconds."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

import peewee
import structlog

from portal.base.errors import Unavailable
from portal.core.clinic.models import ClinicSession, bump
from portal.core.visits.attendance import POLL_LEASE
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, AWAITING_RECALL, READY, WAITING
from portal.store.db import is_sqlite, write

WRITE_EVERY = timedelta(seconds=2)
log = structlog.get_logger(__name__)


class PresenceBuffer:
    """Whose pages polled since the last write."""

    def __init__(self) -> None:
        self._patients: set[int] = set()
        self._doctors: set[int] = set()
        self._returned: set[ClinicSession] = set()
        self._since: datetime | None = None
        self._written_at: datetime | None = None
        self._writing = Lock()

    def touch_patient(self, visit: Visit, presence: timedelta, now: datetime) -> None:
        """Touch a patient's presence, unless more than half of it is left (as services.touch_presence)."""
        until, state = visit.here_until, visit.state
        fresh = until is not None and until > now
        if fresh and until > now + presence / 2:
            return
        if state not in READY or (state == AWAITING_RECALL and not fresh):
            return
        self._patients.add(visit.id)
        if not fresh:
            self._returned.add(visit.session)
        self._since = self._since or now

    def touch_doctor(self, held: Iterable[Visit], now: datetime) -> None:
        """Renew the doctor's lease on these visits, unless it is fresh (as attendance.renew_lease)."""
        for visit in held:
            lease = visit.lease_until
            if visit.doctor_id and (lease is None or lease < now + POLL_LEASE / 2 or lease > now + POLL_LEASE):
                self._doctors.add(visit.doctor_id)
                self._since = self._since or now

    def is_due(self, now: datetime) -> bool:
        """Is there something to write, WRITE_EVERY after the last write?"""
        return self._since is not None and (self._written_at is None or abs(now - self._written_at) >= WRITE_EVERY)

    def write(self, presence: timedelta, now: datetime) -> None:
        """Write the buffer, unless another thread does. A failed write is not retried: the next polls touch again."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            patients, doctors, returned, since = self._drain(now)
            if since is not None:
                _write(patients, doctors, returned, since, presence)
        except (Unavailable, peewee.PeeweeException) as error:
            log.warning("presence_not_written", error=type(error).__name__)
        finally:
            self._writing.release()

    def _drain(self, now: datetime) -> tuple[list[int], list[int], set[ClinicSession], datetime | None]:
        patients, doctors, returned, since = self._patients, self._doctors, self._returned, self._since
        self._patients, self._doctors, self._returned, self._since = set(), set(), set(), None
        self._written_at = now
        return sorted(patients), sorted(doctors), returned, since


def _write(
    patients: list[int], doctors: list[int], returned: set[ClinicSession], since: datetime, presence: timedelta
) -> None:
    """Write in one transaction, counted from the first touch. Bump sessions that somebody absent has returned to."""
    until, lease = since + presence, since + POLL_LEASE
    still = (Visit.state == WAITING) | ((Visit.state == AWAITING_RECALL) & (Visit.here_until > since))
    earlier = Visit.here_until.is_null() | (Visit.here_until < until)
    held = Visit.doctor.in_(doctors) & Visit.state.in_(ACTIVE)
    with write():
        Visit.update(here_until=until).where(
            Visit.id.in_(_unlocked(Visit.id.in_(patients) & still & earlier))
        ).execute()
        Visit.update(lease_until=lease).where(Visit.id.in_(_unlocked(held))).execute()
    for session in returned:
        with write():
            bump(session)


def _unlocked(where: peewee.Expression) -> peewee.Select:
    """Lock rows that are not locked: waiting for one could deadlock with a doctor's step (PostgreSQL)."""
    rows = Visit.select(Visit.id).where(where)
    return rows if is_sqlite() else rows.for_update(skip_locked=True)

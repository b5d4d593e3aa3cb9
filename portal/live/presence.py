"""Presence and leases as polls bring them: collected in memory, written together every two seconds."""

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


class Sightings:
    """Whose pages were seen since the last writing."""

    def __init__(self) -> None:
        self._patients: set[int] = set()
        self._doctors: set[int] = set()
        self._returned: set[ClinicSession] = set()
        self._since: datetime | None = None
        self._written_at: datetime | None = None
        self._writing = Lock()

    def saw_patient(self, visit: Visit, presence: timedelta, now: datetime) -> None:
        """The patient's page was polled; what was written a moment ago is not written again (services.saw)."""
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

    def saw_doctor(self, held: Iterable[Visit], now: datetime) -> None:
        """The doctor's board was polled: whoever is with the doctor stays (attendance.renew_lease)."""
        for visit in held:
            lease = visit.lease_until
            if visit.doctor_id and (lease is None or lease < now + POLL_LEASE / 2 or lease > now + POLL_LEASE):
                self._doctors.add(visit.doctor_id)
                self._since = self._since or now

    def is_due(self, now: datetime) -> bool:
        """Is there something to write, and was the last writing long enough ago?"""
        return self._since is not None and (self._written_at is None or abs(now - self._written_at) >= WRITE_EVERY)

    def write(self, presence: timedelta, now: datetime) -> None:
        """Write them all, unless another thread is at it. What fails is dropped: the next polls bring it again."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            patients, doctors, returned, since = self._take(now)
            if since is not None:
                _write(patients, doctors, returned, since, presence)
        except (Unavailable, peewee.PeeweeException) as error:
            log.warning("presence_not_written", error=type(error).__name__)
        finally:
            self._writing.release()

    def _take(self, now: datetime) -> tuple[list[int], list[int], set[ClinicSession], datetime | None]:
        patients, doctors, returned, since = self._patients, self._doctors, self._returned, self._since
        self._patients, self._doctors, self._returned, self._since = set(), set(), set(), None
        self._written_at = now
        return sorted(patients), sorted(doctors), returned, since


def _write(
    patients: list[int], doctors: list[int], returned: set[ClinicSession], since: datetime, presence: timedelta
) -> None:
    """One transaction, counted from the first sighting. Boards are told when somebody absent has come back."""
    until, lease = since + presence, since + POLL_LEASE
    still = (Visit.state == WAITING) | ((Visit.state == AWAITING_RECALL) & (Visit.here_until > since))
    earlier = Visit.here_until.is_null() | (Visit.here_until < until)
    held = Visit.doctor.in_(doctors) & Visit.state.in_(ACTIVE)
    with write():
        Visit.update(here_until=until).where(Visit.id.in_(_free(Visit.id.in_(patients) & still & earlier))).execute()
        Visit.update(lease_until=lease).where(Visit.id.in_(_free(held))).execute()
    for session in returned:
        with write():
            bump(session)


def _free(where: peewee.Expression) -> peewee.Select:
    """Rows that nobody is moving: who waited here for a row could stop a doctor who waits for another (PostgreSQL)."""
    rows = Visit.select(Visit.id).where(where)
    return rows if is_sqlite() else rows.for_update(skip_locked=True)

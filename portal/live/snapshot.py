"""An in-memory cache of the clinic's queues for the polls of one process.

A queue is stale when its session's `version` has changed (every writer of a visit, a duty, a prescription bumps it),
and after RELOAD_EVERY, as presence bumps nothing (it is written while half of it is left). Names, settings and pace
are reloaded on a timer.
"""

from datetime import datetime, timedelta

import peewee

from portal.base.clock import clinic_day
from portal.core.boards.displays import Halls, Waiting, halls
from portal.core.boards.patient_panel import Rules, rules
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.visits.models import Visit
from portal.live.loading import load
from portal.live.queue import Queue
from portal.plugin_host.capabilities import Gaps
from portal.plugin_host.registry import registry
from portal.settings.clinic import QueueRules
from portal.store.prepared import Prepared

RELOAD_EVERY, RULES_EVERY = timedelta(seconds=6), timedelta(seconds=3)
MISS = 0, 0


class SnapshotCache:
    """The queues of all sessions that are open or of today."""

    def __init__(self) -> None:
        self._queues: dict[int, Queue] = {}
        self._place_of: dict[str, tuple[int, int]] = {}  # visit uid → ids of session and visit
        self._today: dict[int | None, Queue] = {}  # by specialty
        self._rules_at: datetime | None = None
        self.rules = Rules(Gaps(), QueueRules())
        self.halls = Halls({}, [], [])

    def refresh(self, now: datetime) -> None:
        """Reload changed queues, and some of the oldest: not all at once, so that no poll waits long."""
        if self._rules_at is None or abs(now - self._rules_at) >= RULES_EVERY:
            registry().sync()  # no Flask request has done it for this thread
            self.rules, self.halls, self._rules_at = rules(), halls(now), now
        versions = dict(_running.raw(clinic_day(now)))  # the only query when nothing has changed
        self._evict(versions)
        changed = [key for key, version in versions.items() if self._version(key) != version]
        stale = [key for key, queue in self._queues.items() if abs(now - queue.made_at) >= RELOAD_EVERY]
        stale.sort(key=lambda key: self._queues[key].made_at)
        for key in {*changed, *stale[: 1 + len(versions) // 8]}:
            self._load(_session.first(key), now)
        today = clinic_day(now)
        served = [queue for queue in self._queues.values() if queue.session.day == today or queue.is_drained(now)]
        served.sort(
            key=lambda queue: queue.session.day, reverse=True
        )  # yesterday's before today's (attendance.serving)
        self._today = {queue.session.specialty_id: queue for queue in served}

    def find(self, uid: str) -> tuple[Queue | None, int]:
        """Return the cached queue of a visit, or None, and the visit's id."""
        session_id, visit_id = self._place_of.get(uid, MISS)
        return self._queues.get(session_id), visit_id

    def of_specialty(self, specialty_id: int | None) -> Queue | None:
        """Return the queue being served: today's, or yesterday's until it is drained."""
        return self._today.get(specialty_id)

    def waiting_for(self, specialty: Specialty) -> Waiting:
        """Return the same queue as a hall display shows it."""
        queue = self.of_specialty(specialty.id)
        return Waiting(list(queue.visits.values()), queue.duties, queue.last) if queue else Waiting([], [], [])

    def held_by(self, staff_id: int) -> list[Visit]:
        """Return a doctor's active visits in all sessions."""
        return [visit for queue in list(self._queues.values()) for visit in queue.held.get(staff_id, ())]

    def is_waiting(self, account_id: int) -> bool:
        """Has this account somebody waiting or with a doctor?"""
        return any(account_id in queue.accounts for queue in list(self._queues.values()))

    def _version(self, key: int) -> int | None:
        queue = self._queues.get(key)
        return queue.session.version if queue else None

    def _evict(self, versions: dict[int, int]) -> None:
        gone = self._queues.keys() - versions.keys()
        if gone:
            self._queues = {key: queue for key, queue in self._queues.items() if key not in gone}
            self._place_of = {uid: home for uid, home in self._place_of.items() if home[0] not in gone}

    def _load(self, session: ClinicSession, now: datetime) -> None:
        before = self._queues.get(session.id)
        queue = self._queues[session.id] = load(session, before, now)
        if before is None or before.visits.keys() != queue.visits.keys():
            self._place_of.update({visit.uid: (session.id, visit.id) for visit in queue.visits.values()})


@Prepared
def _running(today: object) -> peewee.Select:
    running = ClinicSession.closed_at.is_null() | (ClinicSession.day == today)
    return ClinicSession.select(ClinicSession.id, ClinicSession.version).where(running)


@Prepared
def _session(key: object) -> peewee.Select:
    return ClinicSession.select(ClinicSession, Specialty).join(Specialty).where(ClinicSession.id == key)

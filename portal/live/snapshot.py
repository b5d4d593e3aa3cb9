"""The clinic's queues in memory, for the polls of one process: a cache of the database, never the truth.

A queue is loaded again when its session's `version` has changed (every writer of a visit, a duty, a prescription bumps
it), every few seconds anyway for what nobody bumps: that somebody is still present, which is written while half of it
is left. Names, settings and the pace are looked up now and then.
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

SEEN_EVERY, RULES_EVERY = timedelta(seconds=6), timedelta(seconds=3)
NOWHERE = 0, 0


class Snapshot:
    """Every session that is open or of today."""

    def __init__(self) -> None:
        self._queues: dict[int, Queue] = {}
        self._home_of: dict[str, tuple[int, int]] = {}  # visit uid → ids of session and visit
        self._today: dict[int | None, Queue] = {}  # by specialty
        self._rules_at: datetime | None = None
        self.rules = Rules(Gaps(), QueueRules())
        self.halls = Halls({}, [], [])

    def refresh(self, now: datetime) -> None:
        """Load what has changed, and of the rest what is oldest: not all at once, so that no poll waits for long."""
        if self._rules_at is None or abs(now - self._rules_at) >= RULES_EVERY:
            registry().sync()  # no request of Flask has done it in front of it
            self.rules, self.halls, self._rules_at = rules(), halls(now), now
        versions = dict(_running.raw(clinic_day(now)))  # the whole price of a refresh when nothing has happened
        self._forget(versions)
        changed = [key for key, version in versions.items() if self._version(key) != version]
        stale = [key for key, queue in self._queues.items() if abs(now - queue.made_at) >= SEEN_EVERY]
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
        """The queue of a visit, if there is one, and the visit's id."""
        session_id, visit_id = self._home_of.get(uid, NOWHERE)
        return self._queues.get(session_id), visit_id

    def of_specialty(self, specialty_id: int | None) -> Queue | None:
        """The queue of a specialty that is served: today's, or yesterday's until it is empty."""
        return self._today.get(specialty_id)

    def waiting_for(self, specialty: Specialty) -> Waiting:
        """The same queue as a hall sees it."""
        queue = self.of_specialty(specialty.id)
        return Waiting(list(queue.visits.values()), queue.duties, queue.last) if queue else Waiting([], [], [])

    def held_by(self, staff_id: int) -> list[Visit]:
        """Whom a doctor is busy with, in whichever session."""
        return [visit for queue in list(self._queues.values()) for visit in queue.held.get(staff_id, ())]

    def is_waiting(self, account_id: int) -> bool:
        """Has this account somebody who waits for a turn, or is with a doctor?"""
        return any(account_id in queue.accounts for queue in list(self._queues.values()))

    def _version(self, key: int) -> int | None:
        queue = self._queues.get(key)
        return queue.session.version if queue else None

    def _forget(self, versions: dict[int, int]) -> None:
        gone = self._queues.keys() - versions.keys()
        if gone:
            self._queues = {key: queue for key, queue in self._queues.items() if key not in gone}
            self._home_of = {uid: home for uid, home in self._home_of.items() if home[0] not in gone}

    def _load(self, session: ClinicSession, now: datetime) -> None:
        before = self._queues.get(session.id)
        queue = self._queues[session.id] = load(session, before, now)
        if before is None or before.visits.keys() != queue.visits.keys():
            self._home_of.update({visit.uid: (session.id, visit.id) for visit in queue.visits.values()})


@Prepared
def _running(today: object) -> peewee.Select:
    running = ClinicSession.closed_at.is_null() | (ClinicSession.day == today)
    return ClinicSession.select(ClinicSession.id, ClinicSession.version).where(running)


@Prepared
def _session(key: object) -> peewee.Select:
    return ClinicSession.select(ClinicSession, Specialty).join(Specialty).where(ClinicSession.id == key)

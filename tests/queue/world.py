"""A small clinic on the real services and a real database, driven by commands."""

import logging
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from portal.base import clock, keys
from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.clinic import sessions
from portal.core.clinic.models import ClinicSession
from portal.core.doctors import duty, leave
from portal.core.referrals.checks import EXEMPT_AGE, Gate
from portal.core.rosters.models import Leave
from portal.core.visits import (
    attendance,
    calling,
    outcomes,
    services,
    sweeps,
    transfers,
    undoing,
)
from portal.core.visits.models import Duty, Transition, Visit
from portal.core.visits.states import ACTIVE, OPEN
from portal.settings.clinic import put
from portal.store.db import database, open_database
from portal.store.kept import marks
from portal.work import events, jobs
from portal.work.audit import Actor
from tests.databases import SECRET_KEY
from tests.factories import make_beneficiary, make_specialty, make_staff

FREE = Gate(None, EXEMPT_AGE, False)


class Crash(Exception):
    """A simulated crash of the process."""


def _die(name: str) -> None:
    raise Crash(name)


class StillClock(clock.Clock):
    """A clock that moves only by tick()."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self) -> datetime:
        return self.moment


class World:
    """Specialties, doctors and patients, known by their index."""

    def __init__(
        self,
        url: str | None,
        start: datetime,
        *,
        specialties: int,
        doctors: int,
        priority: list[int],
        quota: int,
        carries: int = 0,
    ) -> None:
        """Set the clinic up; `url` None: the database is open already."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._marks = None if url is None else tempfile.TemporaryDirectory()
        if url is not None and self._marks:
            keys.install(SECRET_KEY)
            open_database(url)
            marks.install(Path(self._marks.name))
        self.database = database.obj
        self.clock = StillClock(start)
        clock.install(self.clock)
        jobs.connect(lambda name, row_id: None)
        put("session_quota", str(quota))
        put("carries_at_closing", str(carries))
        self.specialties = [make_specialty(f"specialty{n}", prefix=f"S{n}") for n in range(specialties)]
        self.doctors = [make_staff("doctor", specialty=self.specialties[n % specialties]) for n in range(doctors)]
        self.patients = [make_beneficiary(has_disability=bool(priority[n])) for n in range(len(priority))]
        self._index = {person.id: n for n, person in enumerate(self.patients)}
        self._doctor_index = {doctor.id: n for n, doctor in enumerate(self.doctors)}

    def close(self) -> None:
        """Close the database and restore the clock."""
        self.database.close()
        if hasattr(self.database, "close_all"):
            self.database.close_all()
        clock.install(clock.Clock())
        if self._marks:
            self._marks.cleanup()

    @property
    def now(self) -> datetime:
        return self.clock.moment

    def tick(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    def do(self, command: str, *arguments: int | str) -> str:
        """Run a command; return "ok" or "refused". Unexpected exceptions propagate."""
        step: Callable[..., None] = getattr(self, command)
        try:
            step(*arguments)
        except (Conflict, Invalid, NotFound):
            return "refused"
        return "ok"

    def die(self, command: str, *arguments: int | str) -> bool:
        """Run a command that crashes before the commit; True if it recorded an event and so crashed."""
        real = events.crashpoint
        events.crashpoint = _die
        try:
            self.do(command, *arguments)
        except Crash:
            return True
        finally:
            events.crashpoint = real
        return False

    def state(self) -> list[tuple[object, ...]]:
        """Return the state to compare with the model's."""
        rows = Visit.select(Visit, ClinicSession).join(ClinicSession)
        places = {row.id: n for n, row in enumerate(self.specialties)}
        return sorted(
            (
                str(row.session.day),
                places[row.session.specialty_id],
                row.number,
                self._index[row.beneficiary_id],
                row.state,
                -1 if row.doctor_id is None else self._doctor_index[row.doctor_id],
                row.attempt,
                row.lapses,
            )
            for row in rows
        )

    def rows(self) -> list[tuple[object, ...]]:
        """Return every row that a refusal must not change."""
        return [row for table in (Visit, Duty, Leave) for row in table.select().order_by(table.id).tuples()]

    def request(self, patient: int, specialty: int) -> None:
        person, wanted = self.patients[patient], self.specialties[specialty]
        services.request_token(person, wanted, "pain", gate=FREE, by=self._patient(patient), now=self.now)

    def here(self, patient: int) -> None:
        services.mark_here(self._visit(patient), by=self._patient(patient), now=self.now)

    def seen(self, patient: int) -> None:
        visit = services.live_visit(self.patients[patient])
        if visit:
            services.touch_presence(visit, self.now)

    def cancel(self, patient: int) -> None:
        services.cancel(self._visit(patient), by=self._patient(patient), now=self.now)

    def accept(self, patient: int) -> None:
        calling.accept_call(self._visit(patient), by=self._patient(patient), now=self.now)

    def more(self, patient: int) -> None:
        calling.give_more_time(self._visit(patient), by=self._patient(patient), now=self.now)

    def opens(self, patient: int) -> None:
        """Open the visit's page."""
        calling.lengthen_once(self._visit(patient), by=self._patient(patient), now=self.now)

    def duty(self, doctor: int, state: str) -> None:
        person = self.doctors[doctor]
        duty.set_duty(person, person.specialty, state, by=self._doctor(doctor), now=self.now)

    def next(self, doctor: int, absent: bool = False) -> None:
        person = self.doctors[doctor]
        session = sessions.session_for(person.specialty, self.now)
        calling.call_next(person, session, by=self._doctor(doctor), now=self.now, absent=absent)

    def recall(self, doctor: int, patient: int) -> None:
        visit = self._visit(patient)
        calling.recall(visit, self.doctors[doctor], by=self._doctor(doctor), now=self.now)

    def emergency(self, doctor: int, patient: int) -> None:
        visit, by = self._permitted(doctor, self._visit(patient)), self._doctor(doctor)
        calling.call_emergency(visit, self.doctors[doctor], reason="chest pain since morning", by=by, now=self.now)

    def transfer(self, doctor: int, patient: int, specialty: int) -> None:
        visit, to = self._permitted(doctor, self._visit(patient)), self.specialties[specialty].code
        transfers.transfer(visit, to, reason="better there", by=self._doctor(doctor), now=self.now)

    def hand_over(self, doctor: int, patient: int, colleague: int) -> None:
        visit, to = self._permitted(doctor, self._visit(patient)), self.doctors[colleague].username
        transfers.transfer(visit, to, reason="knows the patient", by=self._doctor(doctor), now=self.now)

    def not_held(self, doctor: int, patient: int) -> None:
        visit = self._permitted(doctor, self._visit(patient))
        outcomes.end_unheld(visit, reason="technical", note="", by=self._doctor(doctor), now=self.now)

    def undo(self, doctor: int, patient: int) -> None:
        """Undo the last step of staff on any visit of the patient."""
        steps = Transition.select(Transition, Visit).join(Visit, on=Transition.visit)
        steps = steps.where((Visit.beneficiary == self.patients[patient]) & (Transition.action != ""))
        newest = steps.order_by(Transition.id.desc()).first()
        if newest is None:
            raise Conflict
        visit = self._permitted(doctor, Visit.get_by_id(newest.visit_id))
        undoing.undo(visit, self.doctors[doctor], by=self._doctor(doctor), now=self.now)

    def leave(self, doctor: int) -> None:
        day = clock.clinic_day(self.now)
        leave.take_leave(self.doctors[doctor], day, reason="ill", by=self._doctor(doctor), now=self.now)

    def end_leave(self, doctor: int) -> None:
        leave.end_leave(self.doctors[doctor], clock.clinic_day(self.now), by=self._doctor(doctor), now=self.now)

    def skip(self, doctor: int) -> None:
        calling.skip(self._holding(doctor), reason="not reached", by=self._doctor(doctor), now=self.now)

    def end_call(self, doctor: int) -> None:
        services.end_call(self._holding(doctor), reason="done", by=self._doctor(doctor), now=self.now)

    def complete(self, doctor: int) -> None:
        services.complete(self._holding(doctor), by=self._doctor(doctor), now=self.now)

    def poll(self, doctor: int) -> None:
        attendance.renew_lease(self.doctors[doctor], self.now)

    def sweep(self) -> None:
        for sweep in (sweeps.lapse_calls, sweeps.release_lost, sweeps.complete_forgotten, sweeps.close_sessions):
            sweep(self.now)

    def _visit(self, patient: int) -> Visit:
        visit = Visit.get_or_none((Visit.beneficiary == self.patients[patient]) & Visit.state.in_(OPEN))
        if visit is None:
            raise Conflict
        return visit

    def _holding(self, doctor: int) -> Visit:
        visit = Visit.get_or_none((Visit.doctor == self.doctors[doctor]) & Visit.state.in_(ACTIVE))
        if visit is None:
            raise Conflict
        return visit

    def _permitted(self, doctor: int, visit: Visit) -> Visit:
        """Check the permission of the pages: a visit of the doctor's specialty that no colleague holds."""
        person = self.doctors[doctor]
        if visit.session.specialty_id != person.specialty_id or visit.doctor_id not in (None, person.id):
            raise Conflict
        return visit

    def _patient(self, patient: int) -> Actor:
        return Actor("account", self.patients[patient].account.uid)

    def _doctor(self, doctor: int) -> Actor:
        return Actor("staff", self.doctors[doctor].uid)

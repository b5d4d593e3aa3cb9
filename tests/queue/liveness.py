"""Liveness: once faults end before closing time, every waiting patient is called within a bound."""

from datetime import datetime, timedelta

from portal.core.clinic.models import ClinicSession
from portal.core.visits.attendance import OFF, PAGE_LEASE, duty_state
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import ACTIVE, AWAITING_RECALL, READY, WAITING
from portal.core.visits.sweeps import DOCTOR_GRACE
from tests.queue.simulation import START, Day, Weather

TURNS_GOOD = START + timedelta(minutes=20)
SERVICE = timedelta(minutes=1)  # duration of a consultation from then on
LEASES = PAGE_LEASE + DOCTOR_GRACE  # by then an expired lease has released its patient
SLACK = 2  # turns: one until everybody is present, one until the first consultation ends

SERVED = 4  # of the days of a soak, those whose seed is a multiple of it are served


class ServedDay(Day):
    """A day whose faults end while the clinic is open: doctors then serve without a break, patients accept."""

    faults_end = TURNS_GOOD

    def _heal(self) -> None:
        self.weather = Weather(0, 0, 0, 0, 0, 0)
        due = self._due()
        while due:
            self.world.tick(SERVICE.total_seconds())
            for doctor in range(len(self.world.doctors)):
                self._serve(doctor)
            for patient in range(len(self.world.patients)):
                for command in ("here", "seen", "accept"):
                    self.world.do(command, patient)
            self._worker()
            due = self._still_waiting(due)
        super()._heal()

    def _due(self) -> dict[int, datetime]:
        """Q33: the deadline for each waiting visit to be called, from its place and the doctors on duty."""
        due = {}
        for session in ClinicSession.select():
            line = sorted(self._ready(session), key=lambda visit: visit.order)
            doctors = [n for n in range(len(self.world.doctors)) if self._serves(n, session)]
            shared = 1 if any(visit.wanted_doctor_id for visit in line) else len(doctors)
            for place, visit in enumerate(line if doctors else []):
                turns = (place + place // 2 + 1) // shared + SLACK  # at most two priority calls per normal one
                due[visit.id] = self.world.now + turns * SERVICE + LEASES
        return due

    def _still_waiting(self, due: dict[int, datetime]) -> dict[int, datetime]:
        waiting = {visit.id: visit for visit in Visit.select().where(Visit.id.in_(list(due)) & Visit.state.in_(READY))}
        for key, visit in waiting.items():
            assert self.world.now <= due[key], f"Q33: {visit.token} still waits, due {due[key]:%H:%M}"
        return {key: moment for key, moment in due.items() if key in waiting}

    def _ready(self, session: ClinicSession) -> list[Visit]:
        return list(Visit.select().where((Visit.session == session) & Visit.state.in_(READY)))

    def _serves(self, doctor: int, session: ClinicSession) -> bool:
        """Go on duty here, unless on leave; True if on duty."""
        if self.world.doctors[doctor].specialty_id != session.specialty_id or session.day != self.world.now.date():
            return False
        self.world.do("duty", doctor, "on")
        return duty_state(self.world.doctors[doctor], session) == "on"

    def _serve(self, doctor: int) -> None:
        for command in ("poll", "end_call", "complete", "next"):
            self.world.do(command, doctor)
        session = ClinicSession.get(ClinicSession.specialty == self.world.doctors[doctor].specialty_id)
        if duty_state(self.world.doctors[doctor], session) == "on" and session.closed_at is None:
            assert self._is_busy(doctor) or not self._callable(doctor, session), (
                "Q34: idle, and somebody could be called"
            )

    def _is_busy(self, doctor: int) -> bool:
        held = (Visit.doctor == self.world.doctors[doctor]) & Visit.state.in_(ACTIVE)
        return bool(Visit.select().where(held).exists())

    def _callable(self, doctor: int, session: ClinicSession) -> list[Visit]:
        """Return the present visits that this doctor may call."""
        on_duty = {row.doctor_id for row in Duty.select().where((Duty.session == session) & (Duty.state != OFF))}
        others = on_duty - {self.world.doctors[doctor].id}
        present = (visit for visit in self._ready(session) if visit.here_until and visit.here_until > self.world.now)
        return [
            visit
            for visit in present
            if visit.state in (WAITING, AWAITING_RECALL) and visit.wanted_doctor_id not in others
        ]

"""The queue as a hypothesis state machine: every command, in any order, on the portal and on the model."""

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.queue import invariants
from tests.queue.model import Model
from tests.queue.world import World

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 09:30 in India
MOST_PATIENTS, MOST_DOCTORS, MOST_SPECIALTIES = 6, 4, 2
JUMPS = (-3600, -90, -1, 1, 30, 59, 61, 119, 120, 121, 239, 241, 600, 900, 1100, 3600, 6 * 3600, 21 * 3600, 50 * 3600)
patients, doctors = st.integers(0, MOST_PATIENTS - 1), st.integers(0, MOST_DOCTORS - 1)
fresh_url: Callable[[], str]


class Queue(RuleBasedStateMachine):
    """Commands of a clinic day. After each, answers and states of portal and model must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.next_one = ""

    @initialize(
        specialties=st.integers(1, MOST_SPECIALTIES),
        doctors=st.integers(1, MOST_DOCTORS),
        priority=st.lists(st.sampled_from([0, 0, 1]), min_size=2, max_size=MOST_PATIENTS),
        quota=st.sampled_from([2, 4, 50]),
        carries=st.integers(0, 1),
    )
    def open_the_clinic(self, specialties: int, doctors: int, priority: list[int], quota: int, carries: int) -> None:
        self.world = World(
            type(self).fresh_url(),
            START,
            specialties=specialties,
            doctors=doctors,
            priority=priority,
            quota=quota,
            carries=carries,
        )
        self.model = Model(specialties=specialties, priority=priority, quota=quota, doctors=doctors, carries=carries)
        self.watch = invariants.Watch()

    def both(self, command: str, *arguments: int | str | bool) -> None:
        trouble, self.next_one = self.next_one, ""
        if trouble == "dies":
            self.watch.died(self.world, command, *arguments)
        expected = self.model.do(command, self.world.now, *arguments)
        before = self.world.rows()
        answered = self.world.do(command, *arguments)
        note(f"{self.world.now:%H:%M:%S} {command}{arguments}: {answered}")
        assert answered == expected, f"{command}{arguments} was {answered}, the rules say {expected}"
        assert self.world.state() == self.model.state(), f"Q16, Q19: after {command}{arguments} the rules differ"
        self.watch.answered(command, answered, before == self.world.rows())
        if trouble == "twice" and command != "hand_over":  # a second one would act on the new token
            self.watch.twice(self.world, command, *arguments)

    def patient(self, index: int) -> int:
        return index % len(self.world.patients)

    def doctor(self, index: int) -> int:
        return index % len(self.world.doctors)

    @rule(patient=patients, specialty=st.integers(0, MOST_SPECIALTIES - 1))
    def request(self, patient: int, specialty: int) -> None:
        patient, specialty = self.patient(patient), specialty % len(self.world.specialties)
        self.both("request", patient, specialty)
        self.watch.repeated(self.world, "request", patient, specialty)

    @rule(patient=patients, command=st.sampled_from(["here", "seen", "accept", "accept", "more", "opens", "cancel"]))
    def patient_does(self, patient: int, command: str) -> None:
        self.both(command, self.patient(patient))

    @rule(doctor=doctors, state=st.sampled_from(["on", "on", "on", "break10", "off"]))
    def duty(self, doctor: int, state: str) -> None:
        self.both("duty", self.doctor(doctor), state)

    @rule(doctor=doctors, absent=st.booleans())
    def next(self, doctor: int, absent: bool) -> None:
        self.both("next", self.doctor(doctor), absent)

    @rule(doctor=doctors, command=st.sampled_from(["skip", "end_call", "complete", "complete", "poll"]))
    def doctor_does(self, doctor: int, command: str) -> None:
        self.both(command, self.doctor(doctor))

    @rule(doctor=doctors, patient=patients)
    def recall(self, doctor: int, patient: int) -> None:
        token = self.model._open_token(self.patient(patient))
        doctor = self.doctor(doctor)
        if token and token.session.specialty == doctor % len(self.world.specialties):  # views refuse others
            self.both("recall", doctor, self.patient(patient))

    @rule(doctor=doctors, patient=patients, command=st.sampled_from(["emergency", "not_held", "undo", "undo", "undo"]))
    def out_of_the_ordinary(self, doctor: int, patient: int, command: str) -> None:
        self.both(command, self.doctor(doctor), self.patient(patient))

    @rule(doctor=doctors, patient=patients, specialty=st.integers(0, MOST_SPECIALTIES - 1))
    def transfer(self, doctor: int, patient: int, specialty: int) -> None:
        self.both("transfer", self.doctor(doctor), self.patient(patient), specialty % len(self.world.specialties))

    @rule(doctor=doctors, patient=patients, colleague=doctors)
    def hand_over(self, doctor: int, patient: int, colleague: int) -> None:
        self.both("hand_over", self.doctor(doctor), self.patient(patient), self.doctor(colleague))

    @rule(doctor=doctors, command=st.sampled_from(["leave", "leave", "end_leave"]))
    def leave(self, doctor: int, command: str) -> None:
        self.both(command, self.doctor(doctor))

    @rule(trouble=st.sampled_from(["dies", "twice"]))
    def trouble(self, trouble: str) -> None:
        """Crash at the next command, which is then retried; or double-click it."""
        self.next_one = trouble

    @rule(seconds=st.sampled_from(JUMPS))
    def tick(self, seconds: int) -> None:
        self.world.tick(seconds)

    @rule()
    def sweep(self) -> None:
        self.both("sweep")
        invariants.check(self.world.now, after_sweep=True)

    @invariant()
    def holds(self) -> None:
        if self.world is not None:
            invariants.check(self.world.now)
            self.watch.look(self.world.now)

    def teardown(self) -> None:
        if self.world is not None:
            invariants.check_all(self.world.now)
            self.world.close()

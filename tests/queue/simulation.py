"""Simulation of a clinic day with faults: patients leave, doctors vanish, processes crash, messages fail.

Deterministic: the same seed gives the same day, step by step.
"""

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal import tasks
from portal.app import create_app
from portal.config import load
from portal.contracts import GatewayError, Message, Receipt
from portal.core.clinic.models import ClinicSession
from portal.core.messages import models as messages
from portal.core.outbox import delivery as outbox
from portal.core.visits.models import Transition, Visit
from portal.core.visits.states import OPEN
from portal.work import events, jobs
from portal.work.events import Delivery, Event
from tests.databases import SECRET_KEY, Engine
from tests.fakes import install_plugin
from tests.queue import invariants
from tests.queue.world import World

START = datetime(2026, 11, 23, 5, 25, tzinfo=UTC)  # Monday, 10:55 in India
END_OF_FAULTS = START + timedelta(minutes=70)  # five minutes after closing time
AT_REST = END_OF_FAULTS + timedelta(minutes=90)  # time for all retries and sweeps
STEP, CALM_STEP = 30, 120  # seconds
CALLS = ("next", "recall", "emergency")


@dataclass
class Weather:
    """The rates of faults, drawn from the seed."""

    crash: float
    lost_job: float
    failed_sms: float
    dead_worker: float
    vanishing_doctor: float
    deaf_patient: float

    @classmethod
    def of(cls, dice: random.Random) -> "Weather":
        return cls(*(dice.choice([0.0, rate / 3, rate]) for rate in (0.03, 0.3, 0.4, 0.3, 0.01, 0.4)))


@dataclass
class Operator:
    """The mobile operator; its ledger is what patients received."""

    dice: random.Random
    weather: Weather
    ledger: list[Message] = field(default_factory=list)
    healed: bool = False

    def send_message(self, message: Message) -> Receipt:
        if not self.healed and self.dice.random() < self.weather.failed_sms:
            raise GatewayError("the operator is busy")
        self.ledger.append(message)
        return Receipt(f"ref-{len(self.ledger)}", "delivered")


class Day:
    """One simulated day on the real services."""

    faults_end = END_OF_FAULTS

    def __init__(self, seed: int, data_dir: Path, databases: Engine) -> None:
        self.dice = random.Random(seed)  # noqa: S311 reproducible by seed
        self.weather = Weather.of(self.dice)
        self.operator = Operator(self.dice, self.weather)
        url = databases.fresh(data_dir)
        environ = {"PORTAL_DATA_DIR": str(data_dir), "PORTAL_DATABASE_URL": url, "PORTAL_SECRET_KEY": SECRET_KEY}
        self.app = create_app(load(environ | {"PORTAL_DEMO": "1"}))
        self.waiting: list[tuple[str, int]] = []
        self.doubtful = Counter[str]()  # how often a worker died between a text and the note that it was sent
        self.watch = invariants.Watch()

    def run(self) -> str:
        """Simulate the day and return the hash of its history. AssertionError names what broke."""
        with self.app.app_context():
            self._open()
            try:
                self._live()
                self._heal()
                self._audit()
                return self._history()
            finally:
                self.world.close()

    def _open(self) -> None:
        dice = self.dice
        self.world = World(
            None,
            START,
            specialties=dice.randint(1, 2),
            doctors=dice.randint(2, 4),
            priority=[dice.choice([0, 0, 0, 1]) for _ in range(dice.randint(6, 12))],
            quota=50,
            carries=dice.choice([0, 0, 1]),
        )
        install_plugin(self.app, "operator", send_message=self.operator.send_message)
        jobs.connect(self._enqueue)
        self.silent_until = dict.fromkeys(range(len(self.world.doctors)), START)
        self.deaf = {n for n in range(len(self.world.patients)) if dice.random() < self.weather.deaf_patient}

    def _enqueue(self, name: str, row_id: int) -> None:
        if self.dice.random() >= self.weather.lost_job:
            self.waiting.append((name, row_id))

    def _live(self) -> None:
        steps = 0
        while self.world.now < self.faults_end:
            self.world.tick(STEP)
            self._disaster()
            for doctor in range(len(self.world.doctors)):
                self._doctor(doctor)
            for patient in range(len(self.world.patients)):
                self._patient(patient)
            if self.dice.random() >= self.weather.dead_worker:
                self._worker()
            steps += 1
            if steps % 25 == 0:
                invariants.check(self.world.now)

    def _disaster(self) -> None:
        """What happens on hard days (disasters.py)."""

    def _try(self, command: str, *arguments: int | str) -> None:
        """Run a command that may crash before the commit, with retries."""
        for _ in range(3):
            if self.dice.random() >= self.weather.crash:
                self.world.do(command, *arguments)
                break
            before = self.world.rows()
            died = self.world.die(command, *arguments)
            assert not died or self.world.rows() == before, f"Q25: {command} died and left its mark"
        if command in CALLS:
            self.watch.look(self.world.now)

    def _doctor(self, doctor: int) -> None:
        dice, now = self.dice, self.world.now
        if now < self.silent_until[doctor]:
            return
        if dice.random() < self.weather.vanishing_doctor:
            self.silent_until[doctor] = now + timedelta(minutes=dice.randint(2, 40))
            return
        self._try("poll", doctor)
        roll = dice.random()
        if roll < 0.02:
            self._try("duty", doctor, dice.choice(["break10", "off"]))
        elif roll < 0.25:
            self._try("duty", doctor, "on")
            self._try("next", doctor, dice.random() < 0.3)
        elif roll < 0.33:
            self._try(dice.choice(["end_call", "complete", "complete", "skip"]), doctor)
        elif roll < 0.42:
            self._seldom(doctor, roll)

    def _seldom(self, doctor: int, roll: float) -> None:
        dice = self.dice
        if roll < 0.35:
            self._with_somebody(doctor, "recall", "awaiting_recall")
        elif roll < 0.37:
            self._with_somebody(doctor, dice.choice(["emergency", "not_held", "undo"]), *OPEN)
        elif roll < 0.39:
            self._with_somebody(doctor, "transfer", *OPEN, to=dice.randrange(len(self.world.specialties)))
        elif roll < 0.40:
            self._with_somebody(doctor, "hand_over", *OPEN, to=dice.randrange(len(self.world.doctors)))
        elif roll < 0.41:
            self._with_somebody(doctor, "undo", *OPEN, "transferred", "no_show")
        elif roll < 0.4102:
            self._try("leave", doctor)

    def _with_somebody(self, doctor: int, command: str, *states: str, to: int | None = None) -> None:
        """Run a command on a random visit of the doctor's specialty in these states."""
        own = self.world.doctors[doctor].specialty_id
        visits = Visit.select(Visit, ClinicSession).join(ClinicSession)
        found = list(visits.where(Visit.state.in_(states) & (ClinicSession.specialty == own)).order_by(Visit.id))
        if found:
            patient = self.world._index[self.dice.choice(found).beneficiary_id]
            self._try(command, doctor, patient, *([] if to is None else [to]))

    def _patient(self, patient: int) -> None:
        roll = self.dice.random()
        if roll < 0.03:
            self._try("request", patient, self.dice.randrange(len(self.world.specialties)))
        elif roll < 0.032:
            self._try("cancel", patient)
        elif patient not in self.deaf or roll < 0.2:
            self._try("seen", patient)
            self._try("accept", patient)
            if roll > 0.9:
                self._try("here", patient)

    def _worker(self) -> None:
        """Run the worker: jobs, then sweeps."""
        todo, self.waiting = self.waiting, []
        for name, row_id in todo:
            self._job(name, row_id)
        for sweep in (events.sweep_undelivered, outbox.sweep_due):
            sweep(self.world.now)
        self.world.do("sweep")
        invariants.check_held(self.world.now)

    def _job(self, name: str, row_id: int) -> None:
        tasks.registry().sync()
        jobs.JOBS[name](row_id, self.world.now)

    def _heal(self) -> None:
        """Run on without faults: the worker runs, doctors finish, no new requests."""
        self.weather = Weather(0, 0, 0, 0, 0, 0)
        self.operator.healed = True
        while self.world.now < AT_REST:
            self.world.tick(CALM_STEP)
            for doctor in range(len(self.world.doctors)):
                self.world.do("end_call", doctor)
                self.world.do("complete", doctor)
            self._worker()

    def _audit(self) -> None:
        invariants.check_all(self.world.now)
        today = ClinicSession.day == START.date()
        left = Visit.select().join(ClinicSession).where(Visit.state.in_(OPEN) & today).count()
        assert left == 0, f"Q36: {left} tokens are open after the day"
        assert not ClinicSession.select().where(ClinicSession.closed_at.is_null() & today).exists(), "Q36: stays open"
        strange = Visit.state.not_in(("waiting", "cancelled")) | (Visit.carries == 0)  # carried visits may be cancelled
        later = Visit.select().join(ClinicSession).where(~today & strange)
        assert not later.exists(), "Q36: a token of another day that was not carried there"
        assert not Event.select().where(Event.delivered_at.is_null()).exists(), "Q32: an event was never delivered"
        assert not Delivery.select().where(Delivery.done_at.is_null()).exists(), "Q32: a delivery was never done"
        restless = messages.Message.select().where(messages.Message.state.in_(("new", "leased"))).count()
        assert restless == 0, f"Q27, Q32: {restless} messages are not final"
        self._ledger()

    def _ledger(self) -> None:
        """Compare messages with events: every token announced once, no message delivered twice."""
        got = Counter(message.uid for message in self.operator.ledger)
        twice = {uid: count for uid, count in got.items() if count > 1 + self.doubtful[uid]}
        assert twice == {}, "Q26: a message was delivered twice"
        told = Counter({message.uid: message.template for message in self.operator.ledger}.values())
        again = Event.select().where(Event.name == "StepUndone")
        again = [event.data["to"] for event in again if event.data["undone"] in ("transfer", "not_held")]
        again = sum(to != "called" for to in again)  # a restored call sends the turn message instead
        asked = Visit.select().where(Visit.place.is_null()).count()
        assert told["token"] == asked + again, f"Q25: {asked} asked, {again} good again, {told['token']} told"
        carried = Visit.select().where(Visit.state.in_(("expired", "carried"))).count()
        cancelled = Event.select().where(Event.name == "TokenCancelled").count()
        assert told["session_cancelled"] == carried + cancelled, "Q25, Q36: somebody waited in vain and was not told"

    def _history(self) -> str:
        rows = Transition.select(Transition, Visit).join(Visit).order_by(Transition.id)
        lines = (f"{row.at.isoformat()} {row.visit.number} {row.from_state} {row.to_state}" for row in rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

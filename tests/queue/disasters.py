"""Simulated days on which the worker restarts, the queue is lost, clocks jump, and a listener fails twelve times.

Rates are drawn from the seed as the weather is; an ordinary day (simulation.py) has its own faults besides.
"""

import re
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path

from peewee import fn

from portal.core.messages.models import Message
from portal.core.outbox import delivery as outbox
from portal.core.visits.models import Transition
from portal.keeping import generation
from portal.keeping.manifest import FORMAT, Manifest
from portal.store.db import database
from portal.store.kept import marks
from portal.work import events
from portal.work.audit import SYSTEM
from tests.databases import Engine
from tests.fakes import install_plugin
from tests.queue.simulation import START, STEP, Day
from tests.queue.world import Crash, _die

TOKEN = re.compile(r"\b[A-Z][A-Z0-9]*-\d{3}\b")
JUMPS = (-3600, -90, -1, 1, 90, 600)  # seconds; an hour ahead would end most texts before anybody could send them


class Hall:
    """A plugin that hears of everything, and of some events fails whatever is tried."""

    def __init__(self, fails: set[str]) -> None:
        self.fails, self.heard, self.is_mended = fails, Counter[str](), False
        self.tries: Counter[str] = Counter()

    def on_event(self, event: events.Event) -> None:
        self.tries[event.uid] += 1
        if event.name in self.fails and not self.is_mended:
            raise ConnectionError("the hall's display is away")
        self.heard[event.uid] += 1


class HardDay(Day):
    """A day with disasters. What the gateway took from a worker that then died may arrive twice, and no other text."""

    def __init__(self, seed: int, data_dir: Path, databases: Engine) -> None:
        super().__init__(seed, data_dir, databases)
        rate = self.dice.choice
        self.restarts, self.losses, self.jumps = rate([0.0, 0.05]), rate([0.0, 0.05]), rate([0.0, 0.03])
        self.hall = Hall(rate([set(), {"TokenIssued"}, {"VisitCalled", "VisitCompleted"}]))

    def _open(self) -> None:
        super()._open()
        install_plugin(self.app, "hall", on_event=self.hall.on_event)

    def _disaster(self) -> None:
        if self.dice.random() < self.losses:
            self.waiting.clear()
        if self.dice.random() < self.jumps:
            self.world.tick(self.dice.choice(JUMPS) - STEP)

    def _worker(self) -> None:
        try:
            super()._worker()
        except Crash:
            self.waiting.clear()  # it starts again with an empty queue

    def _job(self, name: str, row_id: int) -> None:
        if name != "send_message" or self.dice.random() >= self.restarts:
            super()._job(name, row_id)
            return
        real, outbox.crashpoint = outbox.crashpoint, _die
        try:
            super()._job(name, row_id)
        except Crash:
            self.doubtful[Message.get_by_id(row_id).uid] += 1
            raise
        finally:
            outbox.crashpoint = real

    def _heal(self) -> None:
        """The worker gives up what fails for too long; then the display is mended, and everything tried again."""
        self.restarts = self.losses = self.jumps = 0.0
        super()._heal()
        self.given_up = list(events.dead())
        self.hall.is_mended = True
        events.try_all_again(by=SYSTEM, now=self.world.now)
        for _ in range(60):
            self.world.tick(STEP)
            self._worker()

    def _audit(self) -> None:
        super()._audit()
        assert all(event.name in self.hall.fails for event in self.given_up), "Q32: another event was given up"
        assert all(self.hall.tries[event.uid] == events.MAX_TRIES + 1 for event in self.given_up), (
            "Q32: it was not tried twelve times"
        )
        missed = {event.uid for event in events.Event.select()} - set(self.hall.heard)
        assert missed == set(), f"Q32: the hall never heard of {missed}"


class RestoredDay(Day):
    """A day on which the database is lost and a backup of up to half an hour ago brought back (4.4, F40); on SQLite."""

    def __init__(self, seed: int, data_dir: Path, databases: Engine) -> None:
        super().__init__(seed, data_dir, databases)
        self.marks, self.copy = data_dir / "marks", sqlite3.connect(":memory:")
        self.taken_at = START + timedelta(minutes=self.dice.randint(10, 25))
        self.restored_at = self.taken_at + timedelta(minutes=self.dice.randint(5, 30))

    def _disaster(self) -> None:
        if self.world.now - timedelta(seconds=STEP) < self.taken_at <= self.world.now:
            database.connection().backup(self.copy)
            self.numbers = marks.highest(*map(self._asked, marks.SOURCES.values()))
        if self.world.now - timedelta(seconds=STEP) < self.restored_at <= self.world.now:
            self._restore()

    def _asked(self, source: marks.Source) -> list[tuple[str, int]]:
        return list(database.execute_sql(source.query).fetchall())

    def _restore(self) -> None:
        self.copy.backup(database.connection())
        told = marks.read(self.marks)
        whole = {"format": FORMAT, "portal": "", "engine": "sqlite", "generation": 0, "migrations": {}, "rows": {}}
        rest = {"files": 0, "audit_head": "", "has_key": False}
        manifest = Manifest(taken_at=self.taken_at, numbers=self.numbers, **whole, **rest)
        self.lost = generation.begin(manifest, told, now=self.world.now)
        self.waiting.clear()
        self.watch.known.clear()
        self.watch.seen_step = Transition.select(fn.MAX(Transition.id)).scalar() or 0  # the counters still never fall

    def _ledger(self) -> None:
        """What patients read before the restore counts too: no text twice, and no number told to two of them."""
        got = Counter(message.uid for message in self.operator.ledger)
        assert max(got.values(), default=0) <= 1, "Q26: a message was delivered twice"
        told: dict[str, set[str]] = {}
        for message in self.operator.ledger:
            if message.template == "token":
                (number,) = TOKEN.findall(message.text)
                told.setdefault(number, set()).add(message.to)
        assert [number for number, people in told.items() if len(people) > 1] == [], "Q1: a number was told to two"

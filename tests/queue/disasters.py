"""Simulated days on which the worker restarts, the queue is lost, clocks jump, and a listener fails twelve times.

Rates are drawn from the seed as the weather is; an ordinary day (simulation.py) has its own faults besides.
"""

from collections import Counter
from pathlib import Path

from portal.core.messages.models import Message
from portal.core.outbox import delivery as outbox
from portal.work import events
from portal.work.audit import SYSTEM
from tests.databases import Engine
from tests.fakes import install_plugin
from tests.queue.simulation import STEP, Day
from tests.queue.world import Crash, _die

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

"""The task queue: huey carries a job's name and a row's id, signed, as JSON; the worker runs jobs and sweeps."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import structlog
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from portal.config import Config
from portal.core import clock, jobs, language, signed
from portal.plugins import registry

log = structlog.get_logger(__name__)
PURPOSE = "task queue"
GRACE_SECONDS = 8  # for what is under way after SIGTERM: `portal demo` and service managers kill soon after
STEP_SECONDS = 5  # by which the clock may drift unnoticed
CONSUMER: dict[str, Any] = {  # two threads for each lane
    "workers": 2, "periodic": False, "initial_delay": 0.05, "backoff": 1.1, "max_delay": 0.2, "graceful_signal": "TERM",
}  # fmt: skip


class SignedJson(Serializer):
    """Ids only, as JSON with an HMAC: whoever can write to the queue's store still cannot run code (S43)."""

    def serialize(self, data: Any) -> bytes:
        """Sign a message; anything but a plain task of name and id is refused with TypeError."""
        if not isinstance(data, Message):
            raise TypeError("only tasks are stored")
        name, row_id = data.args
        body = json.dumps({"id": data.id, "task": data.name, "args": [str(name), int(row_id)]})
        return signed.mark(PURPOSE, body).encode() + b"." + body.encode()

    def deserialize(self, data: bytes) -> Message:
        """Check the signature first. Raises ValueError for anything we did not write."""
        mac, _, body = data.decode(errors="replace").partition(".")
        if not signed.is_mark(PURPOSE, mac, body):
            log.error("foreign_task_refused", bytes=len(data))
            raise ValueError("a task with a wrong signature")
        parts = json.loads(body)
        return Message(parts["id"], parts["task"], None, 0, 0, None, tuple(parts["args"]), {}, None, None)


class SideConsumer(Consumer):
    """The consumer of a lane beside the main one, which alone listens to signals."""

    def _set_signal_handlers(self) -> None:
        return


def make_queue(config: Config, lane: str = jobs.LANES[0]) -> Huey:
    """The queue of one lane of this deployment: in a file beside the database, or in Redis."""
    name = "portal" if lane == jobs.LANES[0] else f"portal-{lane}"
    options: dict[str, Any] = {"results": False, "serializer": SignedJson(), "utc": True}
    if config.redis_url:
        return RedisHuey(name, url=config.redis_url, **options)
    return SqliteHuey(name, filename=str(config.data_dir / "queue.db"), fsync=False, **options)


def connect(app: Flask, config: Config) -> Huey:
    """Tie jobs to the queues of this application; the main one."""
    queues = {lane: make_queue(config, lane) for lane in jobs.LANES}
    runners = {lane: _runner(app, queue) for lane, queue in queues.items()}
    jobs.connect(lambda name, row_id: runners[jobs.lane_of(name)](name, row_id))
    app.extensions["portal.queue"] = queues[jobs.LANES[0]]
    app.extensions["portal.queues"] = queues
    return queues[jobs.LANES[0]]


def _runner(app: Flask, queue: Huey) -> Callable[[str, int], None]:
    @queue.task(name="run")
    def run(name: str, row_id: int) -> None:
        run_job(app, name, row_id)

    return cast(Callable[[str, int], None], run)


def run_job(app: Flask, name: str, row_id: int) -> None:
    """Run one job inside the application. A failure is logged; the row behind it waits for its sweep."""
    with app.app_context():
        registry().sync()
        language.use("en")
        try:
            jobs.JOBS[name](row_id, clock.now())
        except Exception:
            log.exception("job_failed", job=name, row=row_id)


def run_sweep(app: Flask, sweep: jobs.Periodic, now: datetime) -> None:
    """Run one sweep inside the application; one that fails must not stop the others."""
    with app.app_context():
        registry().sync()
        language.use("en")
        try:
            sweep.run(now)
        except Exception:
            log.exception("sweep_failed", sweep=sweep.run.__name__)


class Timetable:
    """Which sweeps are due. After a start or a step of the clock those with patience wait (safety.md F35, F45)."""

    def __init__(self, sweeps: list[jobs.Periodic]) -> None:
        self._sweeps, self._ahead = sweeps, self._wall_ahead()
        self._due = {id(sweep): clock.monotonic() + sweep.patience for sweep in sweeps}

    def due(self) -> Iterator[jobs.Periodic]:
        """Those whose time has come, each of which is then due again after its interval."""
        if abs(self._wall_ahead() - self._ahead) > STEP_SECONDS:
            self._ahead = self._wall_ahead()
            for sweep in self._sweeps:
                self._due[id(sweep)] = max(self._due[id(sweep)], clock.monotonic() + sweep.patience)
        for sweep in self._sweeps:
            if clock.monotonic() >= self._due[id(sweep)]:
                yield sweep
                self._due[id(sweep)] = clock.monotonic() + sweep.every

    def _wall_ahead(self) -> float:
        return clock.now().timestamp() - clock.monotonic()


class Sweeper(threading.Thread):
    """Runs every registered sweep at its interval until told to stop."""

    def __init__(self, app: Flask, heartbeat: Path) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._app = app
        self._heartbeat = heartbeat
        self._stopped = threading.Event()

    def run(self) -> None:
        """The loop: look twice a second for sweeps that are due."""
        timetable = Timetable(jobs.SWEEPS)
        while not self._stopped.wait(0.5):
            self._heartbeat.touch()
            for sweep in timetable.due():
                run_sweep(self._app, sweep, clock.now())

    def stop(self) -> None:
        """End after the present sweep."""
        self._stopped.set()
        self.join(timeout=10)


def work(app: Flask, config: Config) -> None:
    """Be the worker: tasks and sweeps, until SIGTERM (finishes what is under way) or SIGINT."""
    sweeper = Sweeper(app, config.data_dir / "worker.alive")
    sweeper.start()
    main, *others = app.extensions["portal.queues"].values()
    beside = [SideConsumer(queue, **CONSUMER) for queue in others]
    for consumer in beside:
        consumer.start()
    try:
        main.create_consumer(**CONSUMER).run()
    finally:
        impatient = threading.Timer(GRACE_SECONDS, jobs.stop)
        impatient.start()
        for consumer in beside:
            consumer.stop(graceful=True)
        impatient.cancel()
        jobs.stop()
        sweeper.stop()

"""The worker: threads for jobs and scheduled sweeps, under a watchdog that ends the process if one fails (F05)."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Any

import peewee
import structlog
from flask import Flask
from huey.consumer import Consumer, Scheduler, Worker

from portal.base import clock, language
from portal.config import ConfigError
from portal.plugin_host.registry import registry
from portal.server.failures import sentence_of
from portal.store import disk
from portal.store.wait_budget import begin_waiting
from portal.tasks import long_running, run_job
from portal.tracing.switch import close_tracing
from portal.work import heartbeat, jobs

STEP_SECONDS = 5  # tolerated clock drift
STUCK_SECONDS = 600  # timeout of a job or sweep, after which its thread counts as hung
SAY_EVERY = 60  # seconds between log lines about an unavailable queue
STOP_SECONDS = 8
log = structlog.get_logger(__name__)


class Schedule:
    """The schedule of sweeps. After a start or a clock step, those with `grace` get a grace period (F35, F45)."""

    def __init__(self, sweeps: list[jobs.Periodic]) -> None:
        self._sweeps, self._ahead = sweeps, self._wall_ahead()
        self._due = {id(sweep): clock.monotonic() + sweep.grace for sweep in sweeps}

    def due(self) -> Iterator[jobs.Periodic]:
        """Yield the due sweeps and reschedule each after its interval."""
        if abs(self._wall_ahead() - self._ahead) > STEP_SECONDS:
            self._ahead = self._wall_ahead()
            for sweep in self._sweeps:
                self._due[id(sweep)] = max(self._due[id(sweep)], clock.monotonic() + sweep.grace)
        for sweep in self._sweeps:
            if clock.monotonic() >= self._due[id(sweep)]:
                yield sweep
                self._due[id(sweep)] = clock.monotonic() + sweep.every

    def _wall_ahead(self) -> float:
        return clock.now().timestamp() - clock.monotonic()


def run_sweep(app: Flask, sweep: jobs.Periodic, now: datetime) -> None:
    """Run one sweep in an application context; a failure is logged, so that others run. Raises for a database outage.

    registry().sync() queries the database too, so it is inside the try.
    """
    try:
        with app.app_context():
            begin_waiting()
            registry().sync()
            language.use("en")
            sweep.run(now)
    except (peewee.OperationalError, peewee.InterfaceError):
        raise
    except Exception:
        log.exception("sweep_failed", sweep=sweep.run.__name__)


class Loop(threading.Thread):
    """A thread that repeats a step; the watchdog detects when it has died or hangs in a step."""

    def __init__(self, name: str, seconds: float, step: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds, self._step = seconds, step
        self._stopped = threading.Event()
        self._began = clock.monotonic()

    def run(self) -> None:
        """Repeat the step until stopped."""
        while not self._stopped.wait(self._seconds):
            self._began = clock.monotonic()
            self._step()
            self._began = clock.monotonic()

    def stop(self) -> None:
        """Stop after the current step."""
        self._stopped.set()
        self.join(timeout=10)

    def problem(self) -> str:
        """Return "ended" or "stuck"; empty when healthy."""
        if not self.is_alive():
            return "ended"
        return "stuck" if clock.monotonic() - self._began > STUCK_SECONDS else ""


class Standby:
    """Fallback for an unavailable queue: runs jobs in this process's thread pools by lane, a row once at a time."""

    def __init__(self, run: Callable[[str, int], None]) -> None:
        self._run, self._lock = run, threading.Lock()
        self._threads = {lane: ThreadPoolExecutor(2, thread_name_prefix=f"standby-{lane}") for lane in jobs.LANES}
        self._mine: set[tuple[str, int]] = set()

    def take(self, name: str, row_id: int) -> None:
        """Submit this job, unless it is running or waiting here."""
        with self._lock:
            if (name, row_id) in self._mine:
                return
            self._mine.add((name, row_id))
        self._threads[jobs.lane_of(name)].submit(copy_context().run, self._do, name, row_id)

    def stop(self) -> None:
        """Stop after the running jobs; the sweep finds those cancelled."""
        for threads in self._threads.values():
            threads.shutdown(cancel_futures=True)

    def _do(self, name: str, row_id: int) -> None:
        try:
            self._run(name, row_id)
        finally:
            with self._lock:
                self._mine.discard((name, row_id))


class RetryingWorker(Worker):
    """huey's worker thread. While the queue is unavailable, retry once a second and log once a minute."""

    _said: float = -SAY_EVERY

    def loop(self, now: datetime | None = None) -> None:
        """Dequeue a task and run it; run_job handles its failures."""
        try:
            task = self.huey.dequeue()
        except Exception as error:  # noqa: BLE001 a store may fail in many ways
            if clock.monotonic() - RetryingWorker._said > SAY_EVERY:
                RetryingWorker._said = clock.monotonic()
                reason = sentence_of(error) or type(error).__name__
                log.warning("queue_not_read", reason=reason, meanwhile="the work is done from its rows")
            self.stop_flag.wait(1)
            return
        if task is not None:
            self.delay = self.default_delay
            self.huey.execute(task, now)
        elif not self.huey.storage.blocking:
            self.sleep()


class NoScheduler(Scheduler):
    """No scheduled tasks in the queue: rows hold when they are due."""

    def loop(self, now: datetime | None = None) -> None:
        """Wait for the stop flag."""
        self.stop_flag.wait(1)


class Lane(Consumer):
    """huey's thread pool of one lane, without signal handlers, which the worker has."""

    worker_class, scheduler_class = RetryingWorker, NoScheduler

    def _set_signal_handlers(self) -> None:
        return


def make_lane(queue: Any) -> Lane:
    """Make a lane with two threads."""
    return Lane(
        queue, workers=2, periodic=False, initial_delay=0.05, backoff=1.1, max_delay=0.2, shutdown_timeout=STOP_SECONDS
    )


class Crew:
    """All threads of a worker."""

    def __init__(self, app: Flask) -> None:
        self._app, self._schedule = app, Schedule(jobs.SWEEPS)
        self.heart, self._is_waiting = heartbeat.Heart(), False
        self.lanes = [make_lane(queue) for queue in app.extensions["portal.queues"].values()]
        self.loops = [Loop("sweeper", 0.5, self._sweep), Loop("heart", heartbeat.EVERY_SECONDS, self._beat)]
        self.standby = Standby(lambda name, row_id: run_job(app, name, row_id))

    def start(self) -> None:
        """Start all threads; jobs the queue refuses go to the standby."""
        jobs.connect(self._hand_over)
        for lane in self.lanes:
            lane.start()
        for loop in self.loops:
            loop.start()

    def stop(self) -> None:
        """Shut down gracefully."""
        for lane in self.lanes:
            lane.stop_flag.set()
        for loop in self.loops:
            loop.stop()
        release_timer = threading.Timer(STOP_SECONDS, jobs.stop)  # then release leases instead of waiting
        release_timer.start()
        for lane in self.lanes:
            lane.stop(graceful=True)
        self.standby.stop()
        release_timer.cancel()
        jobs.stop()
        try:
            with self._app.app_context():
                self.heart.stop()
        except Exception as error:  # noqa: BLE001 the heartbeat expires by itself
            log.warning("heartbeat_not_ended", error=type(error).__name__)

    def problems(self) -> list[str]:
        """List the reasons why this worker must end. Replaces dead threads of lanes."""
        for lane in self.lanes:
            lane.check_worker_health()
        lost = [f"{loop.name} {loop.problem()}" for loop in self.loops if loop.problem()]
        return lost + [f"{job} stuck" for job in long_running(STUCK_SECONDS)]

    def _hand_over(self, name: str, row_id: int) -> None:
        try:
            self._app.extensions["portal.hand_over"](name, row_id)
        except Exception:  # noqa: BLE001 any failure of the queue
            self.standby.take(name, row_id)

    def _sweep(self) -> None:
        try:
            for sweep in self._schedule.due():
                run_sweep(self._app, sweep, clock.now())
        except peewee.PeeweeException as error:
            if not self._is_waiting:
                log.error("database_away", error=type(error).__name__)  # noqa: TRY400 one line, until it is back
            self._is_waiting = True
        else:
            self._is_waiting = False

    def _beat(self) -> None:
        try:
            with self._app.app_context():
                self.heart.beat(has_queue=self._has_queue())
        except Exception as error:  # noqa: BLE001 without a database nobody could read the heartbeat
            log.warning("heartbeat_not_written", error=type(error).__name__)
        try:
            disk.keep_reserve()
        except OSError as error:
            log.warning("reserve_not_kept", error=error.strerror)

    def _has_queue(self) -> bool:
        try:
            return bool(self._app.extensions["portal.queue"].pending_count() >= 0)
        except Exception:  # noqa: BLE001 a store may fail in many ways
            return False


def work(app: Flask) -> None:
    """Run the worker until SIGTERM, SIGINT or SIGHUP. Exit when a thread is lost, so that a supervisor restarts it.

    Raises ConfigError, after an orderly stop, once newer code has changed the database so that this one may not work.
    """
    stopping, schema = threading.Event(), app.extensions["portal.schema"]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    crew, is_served = Crew(app), True
    crew.start()
    while not stopping.wait(1) and (is_served := _is_served(app)):
        for problem in crew.problems():
            log.error("worker_ends", reason=problem)
            os._exit(1)  # sys.exit would wait for the hung thread
    crew.stop()
    close_tracing(app)
    if not is_served:
        raise ConfigError(schema.sentence())


def _is_served(app: Flask) -> bool:
    with app.app_context():  # returns the connection
        return bool(app.extensions["portal.schema"].is_served())

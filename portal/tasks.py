"""The task queue (huey): messages are signed JSON of a job's name and a row id. The worker is in worker.py."""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import structlog
from flask import Flask
from huey import Huey, RedisHuey
from huey.registry import Message
from huey.serializer import Serializer

from portal.base import clock, language, signed
from portal.base.keys import fingerprint
from portal.config import Config
from portal.plugin_host.registry import registry
from portal.store.wait_budget import begin_waiting
from portal.work import cause, jobs
from portal.work.queue_file import QueueFile

log = structlog.get_logger(__name__)
PURPOSE = "task queue"
REDIS_SECONDS = 3  # longer than the worker's blocking reads
OPEN_SECONDS = 2
RUNNING: dict[int, tuple[str, float]] = {}  # by thread id: job name, start


class QueueUnavailable(Exception):
    """The circuit breaker is open: the queue has just failed and is not tried yet."""


class SignedJson(Serializer):
    """Messages as JSON with an HMAC, no pickle: write access to the queue must not mean code execution (S43)."""

    def serialize(self, data: Any) -> bytes:
        """Serialise and sign a message. Raises TypeError for anything but a task of name and id."""
        if not isinstance(data, Message):
            raise TypeError("only tasks are stored")
        name, row_id = data.args
        task = {"id": data.id, "task": data.name, "args": [str(name), int(row_id)]}
        body = json.dumps(task | {"at": clock.now().timestamp(), "request": cause.request_id()})
        return signed.mark(PURPOSE, body).encode() + b"." + body.encode()

    def deserialize(self, data: bytes) -> Message:
        """Verify the signature, then parse. Raises ValueError for a wrong signature."""
        mac, _, body = data.decode(errors="replace").partition(".")
        if not signed.is_mark(PURPOSE, mac, body):
            log.error("foreign_task_refused", bytes=len(data))
            raise ValueError("a task with a wrong signature")
        parts = json.loads(body)
        named = {"request_id": str(parts.get("request", ""))}  # a task of an older version has none
        return Message(parts["id"], parts["task"], None, 0, 0, None, tuple(parts["args"]), named, None, None)


def make_queue(config: Config, lane: str = jobs.LANES[0]) -> Huey:
    """Make the queue of one lane, in SQLite or Redis. Opens no connection yet."""
    name = name_of(config) if lane == jobs.LANES[0] else f"{name_of(config)}-{lane}"
    options: dict[str, Any] = {"results": False, "serializer": SignedJson(), "utc": True}
    if config.redis_url:
        return RedisHuey(name, connection_pool=_pool(config.redis_url), **options)
    return Huey(name, storage_class=QueueFile, filename=str(config.data_dir / "queue.db"), **options)


def waited(queue: Huey, now: datetime) -> float:
    """Return for how many seconds the next task of a queue has been waiting; 0 when it is empty."""
    for data in queue.storage.enqueued_items(limit=1):
        at = json.loads(bytes(data).partition(b".")[2]).get("at")  # tasks of an older version have none
        return max(now.timestamp() - at, 0.0) if isinstance(at, float) else 0.0
    return 0.0


def name_of(config: Config) -> str:
    """Return the name of the main queue. In Redis it carries the deployment, as several portals may share one.

    The last key tells it: while keys change, old and new processes have that one in common.
    """
    return f"portal{fingerprint(config.secret_key.split(',')[-1].strip())[:12]}" if config.redis_url else "portal"


def _pool(url: str) -> Any:
    """Make a Redis connection pool with short timeouts and no retries: the sweep finds the row, and no page waits."""
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return ConnectionPool.from_url(
        url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0)
    )


class CircuitBreaker:
    """Enqueues jobs in a lane, with a circuit breaker: after a failure it fails fast for OPEN_SECONDS."""

    def __init__(self, lane: str, put: Callable[[str, int], None]) -> None:
        self._lane, self._put = lane, put
        self._open_until, self._is_away = 0.0, False

    def __call__(self, name: str, row_id: int) -> None:
        """Enqueue a job. Raises the queue's error, or QueueUnavailable while the breaker is open."""
        if clock.monotonic() < self._open_until:
            raise QueueUnavailable
        try:
            self._put(name, row_id)
        except Exception as error:
            self._open_until = clock.monotonic() + OPEN_SECONDS
            if not self._is_away:
                log.error("queue_away", lane=self._lane, error=type(error).__name__)  # noqa: TRY400 one line
            self._is_away = True
            raise
        if self._is_away:
            log.warning("queue_back", lane=self._lane)
        self._is_away = False


def connect(app: Flask, config: Config) -> Huey:
    """Connect job dispatch to the queues of this application. Returns the main queue."""
    queues = {lane: make_queue(config, lane) for lane in jobs.LANES}
    breakers = {lane: CircuitBreaker(lane, _runner(app, queue)) for lane, queue in queues.items()}
    app.extensions["portal.hand_over"] = lambda name, row_id: breakers[jobs.lane_of(name)](name, row_id)
    jobs.connect(app.extensions["portal.hand_over"])
    app.extensions["portal.queue"] = queues[jobs.LANES[0]]
    app.extensions["portal.queues"] = queues
    return queues[jobs.LANES[0]]


def _runner(app: Flask, queue: Huey) -> Callable[[str, int], None]:
    @queue.task(name="run")
    def run(name: str, row_id: int, request_id: str = "") -> None:
        with cause.of(request_id):
            run_job(app, name, row_id)

    return cast(Callable[[str, int], None], run)


def run_job(app: Flask, name: str, row_id: int) -> None:
    """Run one job in an application context, and log it. After a failure the sweep retries the row.

    One that this version does not know is of a newer one beside it, whose sweep finds the row (safety.md F38).
    """
    with cause.of("", job=name):
        if name not in jobs.JOBS:
            log.warning("job_left_to_the_sweep", row=row_id, error="it is of another version")
            return
        _run_job(app, name, row_id)


def _run_job(app: Flask, name: str, row_id: int) -> None:
    began = clock.monotonic()
    RUNNING[threading.get_ident()] = name, began
    try:
        with app.app_context():
            begin_waiting()
            registry().sync()
            language.use("en")
            jobs.run(name, row_id, clock.now())
        log.info("job", row=row_id, ms=round((clock.monotonic() - began) * 1000, 1))
    except Exception:
        log.exception("job_failed", row=row_id)
    finally:
        RUNNING.pop(threading.get_ident(), None)


def long_running(seconds: float) -> list[str]:
    """List this process's jobs that have been running for longer than `seconds`."""
    return [name for name, began in list(RUNNING.values()) if clock.monotonic() - began > seconds]

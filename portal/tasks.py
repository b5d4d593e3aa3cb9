"""The task queue: huey carries a job's name and a row's id, signed, as JSON. The worker is in worker.py."""

import json
import threading
from collections.abc import Callable
from typing import Any, cast

import structlog
from flask import Flask
from huey import Huey, RedisHuey
from huey.registry import Message
from huey.serializer import Serializer

from portal.base import clock, language, signed
from portal.config import Config
from portal.plugin_host.registry import registry
from portal.store.patience import begin_waiting
from portal.work import jobs
from portal.work.queue_file import QueueFile

log = structlog.get_logger(__name__)
PURPOSE = "task queue"
REDIS_SECONDS = 3  # longer than the worker's blocking reads
SHUT_SECONDS = 2
UNDER_WAY: dict[int, tuple[str, float]] = {}  # by thread: which job, and since when


class QueueAway(Exception):
    """The queue was away a moment ago and is not asked again yet."""


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


def make_queue(config: Config, lane: str = jobs.LANES[0]) -> Huey:
    """The queue of one lane of this deployment: in a file beside the database, or in Redis. Nothing is opened yet."""
    name = "portal" if lane == jobs.LANES[0] else f"portal-{lane}"
    options: dict[str, Any] = {"results": False, "serializer": SignedJson(), "utc": True}
    if config.redis_url:
        return RedisHuey(name, connection_pool=_pool(config.redis_url), **options)
    return Huey(name, storage_class=QueueFile, filename=str(config.data_dir / "queue.db"), **options)


def _pool(url: str) -> Any:
    """Connections that give up soon: a row is never lost with its job, and a page does not wait for Redis."""
    from redis import ConnectionPool
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return ConnectionPool.from_url(
        url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS, retry=Retry(NoBackoff(), 0)
    )


class Hatch:
    """Hands jobs to a lane's queue. After a failure it stays shut for a while, so that not every page waits in vain."""

    def __init__(self, lane: str, put: Callable[[str, int], None]) -> None:
        self._lane, self._put = lane, put
        self._shut_until, self._is_away = 0.0, False

    def __call__(self, name: str, row_id: int) -> None:
        """Put a job into the queue. Raises whatever is wrong with it, or QueueAway."""
        if clock.monotonic() < self._shut_until:
            raise QueueAway
        try:
            self._put(name, row_id)
        except Exception as error:
            self._shut_until = clock.monotonic() + SHUT_SECONDS
            if not self._is_away:
                log.error("queue_away", lane=self._lane, error=type(error).__name__)  # noqa: TRY400 one line
            self._is_away = True
            raise
        if self._is_away:
            log.warning("queue_back", lane=self._lane)
        self._is_away = False


def connect(app: Flask, config: Config) -> Huey:
    """Tie jobs to the queues of this application; the main one."""
    queues = {lane: make_queue(config, lane) for lane in jobs.LANES}
    hatches = {lane: Hatch(lane, _runner(app, queue)) for lane, queue in queues.items()}
    app.extensions["portal.hand_over"] = lambda name, row_id: hatches[jobs.lane_of(name)](name, row_id)
    jobs.connect(app.extensions["portal.hand_over"])
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
    UNDER_WAY[threading.get_ident()] = name, clock.monotonic()
    try:
        with app.app_context():
            begin_waiting()
            registry().sync()
            language.use("en")
            jobs.JOBS[name](row_id, clock.now())
    except Exception:
        log.exception("job_failed", job=name, row=row_id)
    finally:
        UNDER_WAY.pop(threading.get_ident(), None)


def long_under_way(seconds: float) -> list[str]:
    """Jobs that have been running for longer than that in this process."""
    return [name for name, began in list(UNDER_WAY.values()) if clock.monotonic() - began > seconds]

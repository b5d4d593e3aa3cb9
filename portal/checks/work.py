"""Checks of what runs: worker and its clock, task queue, Redis."""

from typing import Any

from portal import tasks
from portal.checks.databases import NTP, SECONDS_APART
from portal.checks.finding import Finding, Findings
from portal.config import Config
from portal.work import heartbeat


def worker(config: Config) -> Findings:
    """Does a worker run?"""
    if not heartbeat.living():
        yield Finding(
            "The worker is not running: no OTP goes out and no prescription is made.",
            "Start it: systemctl start paramarsh-worker",
        )


def worker_clock(config: Config) -> Findings:
    """Do the clocks of all workers agree with the database's?"""
    for row in heartbeat.living() if config.clock_start is None else ():
        if abs(row.skew_ms) > 1000 * SECONDS_APART:
            side = "ahead of" if row.skew_ms > 0 else "behind"
            name, seconds = row.name.rpartition(":")[0], abs(row.skew_ms) / 1000
            yield Finding(f"The clock of worker {name} is {seconds:.0f} seconds {side} the database's.", NTP)


def worker_queue(config: Config) -> Findings:
    """Do all workers reach the task queue?"""
    for row in heartbeat.living():
        if not row.has_queue:
            yield Finding(
                f"The worker {row.name.rpartition(':')[0]} cannot reach the task queue; work is done seconds later.",
                "Start Redis, or look whether PORTAL_REDIS_URL is the same on all nodes.",
            )


def queue(config: Config) -> Findings:
    """Can the task queue be reached from here?"""
    if config.redis_url is None:
        return  # a file of the data folder, made by whoever needs it first
    try:
        tasks.make_queue(config).pending_count()
    except Exception as error:  # noqa: BLE001 whatever is wrong with it
        yield Finding(f"Redis cannot be used: {error}.", "Start it, or correct PORTAL_REDIS_URL.")


def shared_redis(config: Config) -> Findings:
    """Does another portal use the same Redis?"""
    own = tasks.name_of(config).encode()
    for key in _keys(config):
        if not key.startswith(b"huey.redis." + own):
            yield Finding(
                f"Another portal's tasks lie in this Redis ({key.decode(errors='replace')}). The names of the queues "
                "keep them apart, but its load and its restarts are shared.",
                "Give each portal a Redis, or a number of its own: redis://127.0.0.1:6379/1",
                is_note=True,
            )
            return


def redis_memory(config: Config) -> Findings:
    """May Redis drop tasks when its memory is full?"""
    policy = _asked(config, lambda redis: redis.config_get("maxmemory-policy").get("maxmemory-policy", ""))
    if policy and policy != "noeviction":
        yield Finding(
            f"Redis drops keys when its memory is full (maxmemory-policy {policy}): tasks are late by then.",
            "Set maxmemory-policy noeviction.",
        )


def several_nodes(config: Config) -> Findings:
    """Do several nodes share what they must: files, task queue, marks of numbers?"""
    hosts = sorted({row.name.split(":")[0] for row in heartbeat.living()})
    if len(hosts) < 2:
        return
    names = ", ".join(hosts)
    if not config.store_url:
        yield Finding(
            f"Workers run on {names}, and each keeps files in its own data folder: the others cannot open them.",
            "Set PORTAL_STORE_URL on every node, and bring each node's files there with `portal files move`.",
        )
    if config.redis_url is None:
        yield Finding(
            f"Workers run on {names} without Redis: each does the work of its own node at once, and the rest seconds "
            "later.",
            "Set PORTAL_REDIS_URL on every node.",
            is_note=True,
        )
    if config.marks.parent == config.data_dir:
        yield Finding(
            f"Workers run on {names}, and the marks of the numbers that were told lie on each node.",
            "Name one folder that all mount in PORTAL_MARKS, or give the others' to a restore with --marks.",
            is_note=True,
        )


def _keys(config: Config) -> list[bytes]:
    return list(_asked(config, lambda redis: redis.scan_iter("huey.redis.portal*", count=500)) or ())


def _asked(config: Config, question: Any) -> Any:
    """Ask Redis; None without it, or while it fails, which another check says."""
    if config.redis_url is None:
        return None
    import redis

    try:
        return question(redis.Redis.from_url(config.redis_url, socket_timeout=3, socket_connect_timeout=3))
    except redis.RedisError:
        return None


CHECKS = (worker, worker_clock, worker_queue, queue, shared_redis, redis_memory, several_nodes)

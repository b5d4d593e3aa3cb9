"""Workers that are missing or wrong, and a Redis that is away, shared or forgetful."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from portal import tasks
from portal.base import clock as portal_clock
from portal.checks import work
from portal.work import heartbeat
from portal.work.heartbeat import WorkerRow, database_time
from tests.checks.looking import said
from tests.kills.rig import Redis
from tests.servers import free_port, wait_for


def test_a_worker_that_does_not_run_is_found_until_it_does(config, app, db):
    assert "The worker is not running" in said(work.worker, config)
    heartbeat.Heart().beat(has_queue=True)
    assert said(work.worker, config) == ""


def test_a_worker_whose_clock_is_apart_is_found_until_it_is_set(config, app, clock):
    heart = heartbeat.Heart()
    clock.set(heartbeat.database_time())
    clock.tick(90)
    heart.beat(has_queue=True)
    assert "90 seconds ahead of the database's" in said(work.worker_clock, config)
    portal_clock.install(portal_clock.Clock())
    heart.beat(has_queue=True)
    assert said(work.worker_clock, config) == ""


def test_a_worker_without_queue_is_found(config, app, db):
    heart = heartbeat.Heart()
    heart.beat(has_queue=False)
    assert "cannot reach the task queue" in said(work.worker_queue, config)
    heart.beat(has_queue=True)
    assert said(work.worker_queue, config) == ""


@pytest.fixture
def url(tmp_path) -> Iterator[str]:
    server = Redis(tmp_path / "redis")
    server.start()
    wait_for(lambda: answers(server.url), "Redis to answer")
    yield server.url
    server.stop()


def answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def test_a_redis_that_is_away_is_found(config):
    assert "Redis cannot be used" in said(work.queue, replace(config, redis_url=f"redis://127.0.0.1:{free_port()}/0"))


def test_two_portals_in_one_redis_keep_their_tasks_apart_and_are_noted(config, url):
    ours = replace(config, redis_url=url)
    other = replace(ours, secret_key="the key of the other portal, long enough")
    tasks.make_queue(ours).storage.enqueue(b"ours")
    assert said(work.queue, ours) == said(work.shared_redis, ours) == ""
    tasks.make_queue(other).storage.enqueue(b"theirs")
    assert tasks.make_queue(ours).pending_count() == 1
    assert "Another portal's tasks lie in this Redis" in said(work.shared_redis, ours)
    tasks.make_queue(other).storage.flush_all()
    assert said(work.shared_redis, ours) == ""


def test_the_queues_name_stays_while_keys_change(config, url):
    old, both = (replace(config, redis_url=url, secret_key=key) for key in ("o" * 40, f"{'n' * 40}, {'o' * 40}"))
    assert tasks.name_of(old) == tasks.name_of(both)


def test_a_redis_that_drops_keys_is_found_until_it_keeps_them(config, url):
    ours = replace(config, redis_url=url)
    assert said(work.redis_memory, ours) == ""
    redis.Redis.from_url(url).config_set("maxmemory-policy", "allkeys-lru")
    assert "allkeys-lru" in said(work.redis_memory, ours)


def test_nodes_that_do_not_share_their_files_are_found(config, db):
    own = replace(config, redis_url=None, store_url="")
    for host in ("node-a:1:x", "node-a:2:x"):
        WorkerRow.create(name=host, started_at=database_time(), beat_at=database_time(), has_queue=True)
    assert said(work.several_nodes, own) == ""
    WorkerRow.create(name="node-b:1:x", started_at=database_time(), beat_at=database_time(), has_queue=True)
    told = said(work.several_nodes, own)
    for words in ("node-a, node-b", "the others cannot open them", "without Redis", "PORTAL_MARKS"):
        assert words in told
    shared = replace(own, store_url="s3://files", redis_url="redis://127.0.0.1/0", marks=Path("/mnt/marks"))
    assert said(work.several_nodes, shared) == ""

"""The sandbox pool: limits, and a crash is one failed try of its caller alone."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from portal.base import clock
from portal.sandbox.child_process import ChildFailed, ChildPool, WorkFailed

ROOT = Path(__file__).parents[2]
MakePool = Callable[..., ChildPool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    pools = []

    def make(module: str = "tests.sandbox.child_work", **limits: float) -> ChildPool:
        options = {"size": 2, "memory": 512 * 2**20, "seconds": 20, "documents": 100} | limits
        pools.append(ChildPool(module, **options))  # type: ignore[arg-type]
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_for(condition: Callable[[], bool]) -> None:
    until = clock.monotonic() + 20
    while not condition():
        assert clock.monotonic() < until
        clock.sleep(0.02)


@pytest.mark.parametrize("size", [0, 1, 65_536, 20 * 2**20])
def test_bytes_round_trip(make_pool: MakePool, size: int) -> None:
    sent = os.urandom(size)
    assert make_pool().run(b"echo " + sent) == sent


def test_a_child_is_reused_and_replaced_after_its_limit_of_calls(make_pool: MakePool) -> None:
    pool = make_pool(documents=3)
    pids = [pool.run(b"pid") for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert not is_alive(int(pids[0]))


def test_the_pool_never_exceeds_its_size(make_pool: MakePool) -> None:
    pool = make_pool(size=2, documents=1000)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: pool.run(b"echo %d" % number), range(100)))
        pids = set(threads.map(lambda _: pool.run(b"pid"), range(40)))
    assert answers == [b"%d" % number for number in range(100)]
    assert len(pids) <= 2


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (b"die 3", "exit code 3"),
        (b"abort", "SIGABRT"),
        (b"hang", "silent for 2 seconds"),
        (b"busy 60", "silent for 2 seconds"),
        (b"eat 4000000000", "out of memory"),
    ],
)
def test_crash_timeout_and_out_of_memory_are_one_failed_try(make_pool: MakePool, deed: bytes, reason: str) -> None:
    pool = make_pool(size=1, seconds=60)  # a new child's start is within its time, and the machine may be busy
    pool.run(b"echo warm")
    pool._seconds = 2
    with pytest.raises(ChildFailed, match=reason):
        pool.run(deed)
    pool._seconds = 60
    assert pool.run(b"echo again") == b"again"


def test_an_exception_is_reported_and_the_child_replaced(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    before = pool.run(b"pid")
    with pytest.raises(WorkFailed, match="ValueError: no such page") as raised:
        pool.run(b"raise no such page")
    assert (raised.value.kind, raised.value.text) == ("ValueError", "no such page")
    assert pool.run(b"pid") != before


def test_an_import_error_is_reported_with_the_module(make_pool: MakePool) -> None:
    with pytest.raises(WorkFailed, match=r"ModuleNotFoundError: No module named 'tests\.core\.nowhere'"):
        make_pool("tests.core.nowhere").run(b"")


def test_output_of_libraries_does_not_corrupt_results(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    assert [pool.run(b"print"), pool.run(b"echo after")] == [b"quiet", b"after"]


def test_the_sandbox_has_no_secrets_plugins_or_database(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "canary")
    monkeypatch.setenv("GATEWAY_PASSWORD", "canary")
    pool = make_pool()
    assert set(pool.run(b"environment").decode().split()) <= {"PATH", "LC_ALL", "LC_CTYPE", "PYTHONPATH"}
    loaded = pool.run(b"modules").decode().split()
    assert [
        name for name in loaded if name.startswith(("portal_plugins", "portal.plugin_host", "peewee", "flask"))
    ] == []


def test_what_a_child_loads_is_left_alone_by_the_garbage_collector_and_garbage_is_still_freed(make_pool) -> None:
    pool = make_pool(size=1)
    assert pool.run(b"frozen") == b"0"
    assert int(pool.run(b"frozen")) > 1000
    alive = [int(pool.run(b"cycles 15000")) for _ in range(12)]
    assert max(alive) < 60_000


def test_a_child_outlives_the_thread_that_started_it(make_pool: MakePool) -> None:
    pool, pids = make_pool(size=1), []
    for _ in range(2):
        thread = threading.Thread(target=lambda: pids.append(pool.run(b"pid")))
        thread.start()
        thread.join()
    assert pids[0] == pids[1]


def test_sigterm_and_sigint_do_not_end_a_child(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    child = int(pool.run(b"pid"))
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(child, number)
    assert int(pool.run(b"pid")) == child


def test_closing_kills_busy_children_and_their_callers_get_an_error(make_pool: MakePool, tmp_path: Path) -> None:
    pool, started = make_pool(size=1), tmp_path / "started"
    child = int(pool.run(b"pid"))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.run, b"hang " + bytes(started))
        wait_for(started.exists)
        pool.close()
        with pytest.raises(ChildFailed, match="SIGKILL"):
            waiting.result(20)
    assert not is_alive(child)
    with pytest.raises(ChildFailed, match="ending"):
        pool.run(b"echo late")


@pytest.mark.parametrize("deed", ["b'echo'", "b'busy 60'"])
def test_children_exit_when_their_parent_is_killed(deed: str) -> None:
    """An idle and a busy child, long before the child's own alarm."""
    command = [sys.executable, "-c", PARENT.replace("DEED", deed)]
    parent = subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as line:
        child = int(line.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_alive(child))


PARENT = """
import threading
from portal.sandbox.child_process import ChildPool
pool = ChildPool("tests.sandbox.child_work", size=1, memory=512 * 2**20, seconds=60, documents=9)
child = pool.run(b"pid").decode()
threading.Thread(target=pool.run, args=(DEED,), daemon=True).start()
print(child, flush=True)
threading.Event().wait()
"""

"""Children work within limits, and whatever becomes of one is a failed try of its caller and of nobody else."""

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
def test_bytes_come_back_as_they_went(make_pool: MakePool, size: int) -> None:
    sent = os.urandom(size)
    assert make_pool().run(b"echo " + sent) == sent


def test_a_child_serves_one_call_after_the_other_until_it_has_served_enough(make_pool: MakePool) -> None:
    pool = make_pool(documents=3)
    pids = [pool.run(b"pid") for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert not is_alive(int(pids[0]))


def test_there_are_never_more_children_than_places(make_pool: MakePool) -> None:
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
def test_death_silence_and_greed_are_one_failed_try(make_pool: MakePool, deed: bytes, reason: str) -> None:
    pool = make_pool(size=1, seconds=2)
    pool.run(b"echo warm")
    with pytest.raises(ChildFailed, match=reason):
        pool.run(deed)
    assert pool.run(b"echo again") == b"again"


def test_an_exception_of_the_work_comes_back_and_its_child_goes(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    before = pool.run(b"pid")
    with pytest.raises(WorkFailed, match="ValueError: no such page") as raised:
        pool.run(b"raise no such page")
    assert (raised.value.kind, raised.value.text) == ("ValueError", "no such page")
    assert pool.run(b"pid") != before


def test_a_module_that_cannot_be_imported_is_a_failure_with_its_name(make_pool: MakePool) -> None:
    with pytest.raises(WorkFailed, match=r"ModuleNotFoundError: No module named 'tests\.core\.nowhere'"):
        make_pool("tests.core.nowhere").run(b"")


def test_what_libraries_print_does_not_mix_with_answers(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    assert [pool.run(b"print"), pool.run(b"echo after")] == [b"quiet", b"after"]


def test_a_child_sees_no_secret_and_loads_neither_plugins_nor_database(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "canary")
    monkeypatch.setenv("GATEWAY_PASSWORD", "canary")
    pool = make_pool()
    assert set(pool.run(b"environment").decode().split()) <= {"PATH", "LC_ALL", "LC_CTYPE", "PYTHONPATH"}
    loaded = pool.run(b"modules").decode().split()
    assert [
        name for name in loaded if name.startswith(("portal_plugins", "portal.plugin_host", "peewee", "flask"))
    ] == []


def test_a_thread_that_ends_takes_no_child_with_it(make_pool: MakePool) -> None:
    pool, pids = make_pool(size=1), []
    for _ in range(2):
        thread = threading.Thread(target=lambda: pids.append(pool.run(b"pid")))
        thread.start()
        thread.join()
    assert pids[0] == pids[1]


def test_the_signals_of_a_service_manager_do_not_end_what_is_under_way(make_pool: MakePool) -> None:
    pool = make_pool(size=1)
    child = int(pool.run(b"pid"))
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(child, number)
    assert int(pool.run(b"pid")) == child


def test_closing_ends_busy_children_and_tells_their_callers(make_pool: MakePool, tmp_path: Path) -> None:
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
def test_children_end_with_their_parent(deed: str) -> None:
    """An idle one and a busy one, long before its own alarm."""
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

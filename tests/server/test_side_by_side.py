"""The version before and the new one as processes on one database, while it is migrated (safety.md F38)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx
import psycopg
import pytest

from tests.day import cast
from tests.kills.journeys import SENIOR, YOUNGER, Patient, patients
from tests.kills.rig import FEW
from tests.postgres import running_postgres
from tests.server.releases import RENAMED, SEAT, USES_SEAT, Node, later_release
from tests.servers import complaints, free_port, unseeded_portal, wait_for

KEY = "one key for both versions of this deployment"
AT_LEAST = 1  # journey of each node while both serve


@dataclass
class Rush:
    """Families that register and ask for tokens at one node, one after the other."""

    node: Node
    everybody: Iterator[Patient]
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.over.is_set():
            patient = next(self.everybody)
            try:
                self.done.append(self._journey(patient))
            except Exception as error:  # noqa: BLE001 whatever it is, the test shows it
                self.failed.append(f"{type(error).__name__}: {error}"[:2000])
                return

    def _journey(self, patient: Patient) -> str:
        with cast.sign_in(self.node, patient.mobile) as browser:
            cast.register(browser, patient.ben_id, SENIOR if patient.is_senior else YOUNGER)
            if not patient.is_senior:
                cast.refer(self.node, patient.ben_id)
            visit = cast.ask_for_token(browser)
            assert browser.open(f"/visits/{visit}").status == httpx.codes.OK
            return visit


@contextmanager
def rushing(*nodes: Node, everybody: Iterator[Patient]) -> Iterator[list[Rush]]:
    """Let a rush go on at each node for the block; nothing of it may fail."""
    rushes = [Rush(node, everybody) for node in nodes]
    threads = [Thread(target=rush.run) for rush in rushes]
    for thread in threads:
        thread.start()
    try:
        yield rushes
    finally:
        for rush in rushes:
            rush.over.set()
        for thread in threads:
            thread.join()
    assert [rush.failed for rush in rushes] == [[] for _rush in rushes]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory) -> Iterator[str]:
    """The address of a PostgreSQL server whose database `postgres` has the demonstration's people."""
    with running_postgres() as url:
        node = make_node(tmp_path_factory.mktemp("seeded"), PORTAL_DATABASE_URL=url)
        node.command("migrate")
        node.command("seed-demo")
        yield url


@pytest.fixture
def old(seeded, tmp_path) -> Iterator[Node]:
    """Web and worker of this version, on a database of its own."""
    own = f"side{free_port()}"
    with psycopg.connect(seeded.replace("/postgres", "/template1"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {own} TEMPLATE postgres")
    with running(make_node(tmp_path / "old", PORTAL_DATABASE_URL=seeded.replace("/postgres", f"/{own}"))) as node:
        yield node


def make_node(data_dir: Path, **settings: str) -> Node:
    own = {"PORTAL_BIND": f"127.0.0.1:{free_port()}", "PORTAL_SECRET_KEY": KEY, "PORTAL_WEB_WORKERS": "1"}
    made = unseeded_portal(data_dir, **own | settings)
    return Node(made.url, made.data_dir, made.environ)


def beside(old: Node, root: Path) -> Node:
    """A node of another release, on the same machine and data folder, as an upgrade in place has it."""
    bind = f"127.0.0.1:{free_port()}"
    environ = old.environ | {"PORTAL_BIND": bind}
    return Node(f"http://{bind}", old.data_dir, environ, root=root)


@contextmanager
def running(node: Node) -> Iterator[Node]:
    with ExitStack() as stack:
        for name in ("serve", "worker"):
            node.start(name)
            stack.callback(lambda name=name: node.stop(name) if name in node.children else None)
        wait_for(node.is_ready, "the node to be ready")
        yield node


def families() -> Iterator[Patient]:
    """Yield one of each family whom the officer of centre 01 may refer, or who needs no referral. Thread-safe."""
    return iter([one for one in patients(FEW) if one.is_senior or one.centre == 1])


def more(rushes: list[Rush], count: int = AT_LEAST) -> Callable[[], bool]:
    """Has each done so many more, or failed?"""
    before = [len(rush.done) for rush in rushes]
    return lambda: all(rush.failed or len(rush.done) >= was + count for rush, was in zip(rushes, before, strict=True))


def login(node: Node) -> int:
    return httpx.get(f"{node.url}/login").status_code


def test_the_old_node_serves_on_while_the_new_one_expands_the_database_and_serves_beside_it(old, tmp_path):
    root = later_release(tmp_path / "new", {"9001_seat": SEAT}, {"portal/core/visits/models.py": USES_SEAT})
    new, everybody = beside(old, root), families()
    refused = new.command("serve", check=False)
    assert "the database has not had core/9001_seat" in refused.stderr
    with rushing(old, everybody=everybody) as before:
        wait_for(more(before, 1), "the old node to serve")
        told = new.command("upgrade").stdout
        assert "core/9001_seat: expands" in told
        assert "Running nodes of the version before may go on" in told
        with running(new), rushing(new, everybody=everybody) as after:
            wait_for(more(before + after), "both nodes to serve", 240)
    assert complaints(old) == []
    with psycopg.connect(old.environ["PORTAL_DATABASE_URL"]) as asked:
        seats = dict(asked.execute("SELECT seat, count(*) FROM visit GROUP BY seat").fetchall())
    assert seats == {"": len(before[0].done), "window": len(after[0].done)}
    assert old.command("migrate").stdout.strip() == "The tables are up to date."
    assert old.stop("serve") == old.stop("worker") == 0
    with running(old):  # the old one can even be started again
        assert httpx.get(f"{old.url}/readyz").json()["ok"]


def test_the_old_node_stops_before_the_new_one_takes_away_what_it_uses(old, tmp_path):
    root = later_release(tmp_path / "new", {"9001_renamed": RENAMED})
    new = beside(old, root)
    assert "with the version that runs (`portal backup FILE`" in new.command("upgrade", check=False).stderr
    assert httpx.get(f"{old.url}/readyz").status_code == httpx.codes.OK
    with rushing(old, everybody=families()) as before:
        wait_for(more(before, 1), "the old node to serve")
    told = new.command("upgrade", "--without-backup").stdout
    assert "may NOT go on" in told
    assert "stop now" in told
    answer = httpx.get(f"{old.url}/login")
    assert (answer.status_code, "cannot answer just now" in answer.text) == (httpx.codes.SERVICE_UNAVAILABLE, True)
    ready = httpx.get(f"{old.url}/readyz")
    assert (ready.status_code, ready.json()["migrations"]) == (httpx.codes.SERVICE_UNAVAILABLE, False)
    assert httpx.get(f"{old.url}/healthz").status_code == httpx.codes.OK
    assert old.children["worker"].wait(60) == 1
    assert "Another version has migrated the database (core/9001_renamed)" in old.log("worker")
    assert "schema_not_served" in old.log("serve")
    assert complaints(old) == []
    del old.children["worker"]
    assert old.stop("serve") == 0
    for name in ("serve", "worker", "migrate"):
        said = old.command(name, check=False).stderr
        assert "newer than this program: it has had core/9001_renamed" in said


def test_the_old_node_goes_on_when_the_migration_that_stopped_it_fails(old, tmp_path):
    root = later_release(tmp_path / "new", {"9001_wrong": RENAMED.replace('"complaint"', '"no_such_column"')})
    with ThreadPoolExecutor(1) as operator:
        failing = operator.submit(beside(old, root).command, "upgrade", "--without-backup", check=False)
        wait_for(lambda: login(old) == httpx.codes.SERVICE_UNAVAILABLE, "the old node to stop")
        assert "A migration of core failed (9001_wrong)" in failing.result().stderr
    wait_for(lambda: login(old) == httpx.codes.OK, "the old node to serve again")
    old.children.pop("worker").wait(60)  # its supervisor starts it again
    old.start("worker")
    wait_for(old.is_ready, "the old node to be ready")
    assert "schema_served_again" in old.log("serve")

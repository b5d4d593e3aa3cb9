"""Fixtures: the application on its own database, with a fake clock and a fake task queue."""

import gc
import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck

from portal import tasks
from portal.app import create_app
from portal.base import clock as portal_clock
from portal.base import language
from portal.config import Config, load
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import close_database
from portal.store.wait_budget import waits
from portal.work import jobs
from tests import cheap, compiled
from tests.browser import chromium as chromium
from tests.canaries import personal_lines
from tests.client import Browser
from tests.consulting import list_usual_medicines
from tests.databases import SECRET_KEY, Engine, engine

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 09:30 in India


class FakeClock(portal_clock.Clock):
    """A fake clock, moved by tests."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._ahead = 0.0

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment

    def ahead(self) -> float:
        return self._ahead

    def step(self, seconds: float) -> datetime:
        """Step the wall clock; monotonic time is unchanged."""
        self._ahead += seconds
        return self.tick(seconds)

    def tick(self, seconds: float = 1) -> datetime:
        self._now += timedelta(seconds=seconds)
        return self._now


class Jobs:
    """Fake task queue: jobs wait in a list until `drain` runs them, and those they enqueue."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.waiting: list[tuple[str, int]] = []

    def add(self, name: str, row_id: int) -> None:
        self.waiting.append((name, row_id))

    def drain(self) -> None:
        while self.waiting:
            name, row_id = self.waiting.pop(0)
            with self.app.app_context():
                tasks.registry().sync()
                with language.speaking("en"):
                    jobs.JOBS[name](row_id, portal_clock.now())


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Fresh databases of the engine chosen by --database."""
    with engine(request.config.getoption("--database"), tmp_path_factory.mktemp("databases")) as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, databases: Engine) -> Config:
    """A configuration with the real rate limits, in its own folder, on a fresh database."""
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    return load(
        {
            "PORTAL_DATA_DIR": str(data_dir),
            "PORTAL_DATABASE_URL": databases.fresh(data_dir),
            "PORTAL_SECRET_KEY": SECRET_KEY,
            "PORTAL_BIND": "127.0.0.1:8000",
            "PORTAL_BASE_URL": "http://localhost",
            "PORTAL_DEMO": "1",
            "PORTAL_DEMO_LIMITS": "1",
            "PORTAL_DEMO_ALL_DAY": "0",
        }
    )


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The application on a fresh database, with fake clock and queue."""
    app = create_app(config)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = True
    yield app
    close_database()


@pytest.fixture
def clock(app: Flask) -> Iterator[FakeClock]:
    """A fake clock at Monday 23 November 2026, 09:30 IST."""
    fake = FakeClock()
    portal_clock.install(fake)
    yield fake
    portal_clock.install(portal_clock.Clock())


@pytest.fixture
def now(clock: FakeClock) -> datetime:
    """The time at which every test begins."""
    return clock.now()


@pytest.fixture
def queue(app: Flask) -> Jobs:
    """The fake queue; run its jobs by `queue.drain()`."""
    fake = Jobs(app)
    jobs.connect(fake.add)
    return fake


@pytest.fixture
def db(app: Flask, clock: FakeClock, queue: Jobs) -> Iterator[None]:
    """An application context, with fake clock and queue, for models and services."""
    with app.app_context():
        tasks.registry().sync()
        with language.speaking("en"):
            yield


@pytest.fixture
def usual_medicines(db: None) -> None:
    """Put the medicines of these tests into the formulary."""
    list_usual_medicines()


@pytest.fixture
def client(app: Flask, db: None) -> FlaskClient:
    """A test client without a sign-in."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, db: None):
    """sign_in(person): a test client signed in as a beneficiary, account or member of staff."""
    app.test_client_class = Browser

    def make(person: Account | Beneficiary | Staff) -> FlaskClient:
        account = person.account if isinstance(person, Beneficiary) else person if isinstance(person, Account) else None
        staff = person if isinstance(person, Staff) else None
        signed_in = sign_ins.start(account=account, staff=staff, now=portal_clock.now())
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = signed_in.key
            session["_fresh"] = True
        return browser

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the database engine."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Reset the lock wait budget and the clock steps between tests."""
    waits.left = None
    sign_ins._steps = portal_clock.Steps()


def pytest_configure(config: pytest.Config) -> None:
    """Set up UTC, compile caches, cheap hashing and a clean environment."""
    config.addinivalue_line("markers", "one_engine: further days or hours of a test that PostgreSQL runs for others")
    os.environ.setdefault("TZ", "UTC")
    compiled.share()
    cheap.make_cheap()
    hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test during which the log named a person."""
    report = yield
    if report.when == "call" and report.passed and (named := personal_lines(report.capstderr)):
        report.outcome, report.longrepr = "failed", f"The log names a person (S61): {named[0]}"
    return report


def pytest_collection_finish() -> None:
    """Leave modules and collected tests out of garbage collection: a pass takes longer than many a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _asks_the_engine(item: pytest.Item) -> bool:
    return "databases" in getattr(item, "fixturenames", ()) and item.get_closest_marker("one_engine") is None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, run only tests that use a database of this process; the rest is the same on both."""
    if config.getoption("--database") == "postgresql":
        others = [item for item in items if not _asks_the_engine(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]

"""The application as tests use it: a database of its own, a clock that stands still, jobs that run when told to."""

import os
from collections.abc import Iterator
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
from portal.store.patience import waits
from portal.work import jobs
from tests import cheap, compiled
from tests.browser import chromium as chromium
from tests.client import Browser
from tests.consulting import list_usual_medicines
from tests.databases import Engine, engine

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # Monday, 09:30 in India


class FakeClock(portal_clock.Clock):
    """Stands still until a test moves it."""

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
        """Somebody sets the clock: the time it shows jumps, and no time has passed."""
        self._ahead += seconds
        return self.tick(seconds)

    def tick(self, seconds: float = 1) -> datetime:
        self._now += timedelta(seconds=seconds)
        return self._now


class Jobs:
    """The task queue of tests: jobs wait in a list until `drain` runs them, and those they cause."""

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
    """Fresh databases of the engine that --database names."""
    with engine(request.config.getoption("--database"), tmp_path_factory.mktemp("databases")) as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, databases: Engine) -> Config:
    """A deployment with the real limits, in a folder of its own, on a fresh database."""
    data_dir = tmp_path / "var"
    data_dir.mkdir()
    return load(
        {
            "PORTAL_DATA_DIR": str(data_dir),
            "PORTAL_DATABASE_URL": databases.fresh(data_dir),
            "PORTAL_SECRET_KEY": "a test key that is long enough to be allowed",
            "PORTAL_BIND": "127.0.0.1:8000",
            "PORTAL_BASE_URL": "http://localhost",
            "PORTAL_DEMO": "1",
            "PORTAL_DEMO_LIMITS": "1",
            "PORTAL_DEMO_ALL_DAY": "0",
        }
    )


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The application on a fresh database, with the fake clock and the fake queue."""
    app = create_app(config)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = True
    yield app
    close_database()


@pytest.fixture
def clock(app: Flask) -> Iterator[FakeClock]:
    """A clock that stands at Monday 23 November 2026, 09:30 in India."""
    fake = FakeClock()
    portal_clock.install(fake)
    yield fake
    portal_clock.install(portal_clock.Clock())


@pytest.fixture
def now(clock: FakeClock) -> datetime:
    """The moment at which every test begins."""
    return clock.now()


@pytest.fixture
def queue(app: Flask) -> Jobs:
    """Jobs wait here until `queue.drain()`."""
    fake = Jobs(app)
    jobs.connect(fake.add)
    return fake


@pytest.fixture
def db(app: Flask, clock: FakeClock, queue: Jobs) -> Iterator[None]:
    """Models and services are usable: application context, fake clock, fake queue."""
    with app.app_context():
        tasks.registry().sync()
        with language.speaking("en"):
            yield


@pytest.fixture
def usual_medicines(db: None) -> None:
    """What the doctors of these tests prescribe stands in the clinic's list."""
    list_usual_medicines()


@pytest.fixture
def client(app: Flask, db: None) -> FlaskClient:
    """A stranger's browser."""
    app.test_client_class = Browser
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, db: None):
    """sign_in(person) → a browser in which a beneficiary, account or member of staff is signed in."""
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
    """The same tests run on both engines."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """What the test before has waited for, and the steps of its clock, are its own affair."""
    waits.left = None
    sign_ins._steps = portal_clock.Steps()


def pytest_configure(config: pytest.Config) -> None:
    """Tests speak UTC, share what they compile, hash passwords in no time, and ask nothing of the machine."""
    os.environ.setdefault("TZ", "UTC")
    compiled.share()
    cheap.make_cheap()
    hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database of this process is run: the rest is the same on both."""
    if config.getoption("--database") == "postgresql":
        others = [item for item in items if "databases" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]

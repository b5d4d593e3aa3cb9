"""A whole portal on a fresh database in its own folder, with the plugin installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.base import clock, language
from portal.config import load
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Staff
from portal.plugin_host import changes, switches
from portal.plugin_host.discovery import migration_folders
from portal.plugin_host.registry import Registry, registry
from portal.store import migrator
from portal.store.db import database
from portal.work.audit import SYSTEM

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Browser(FlaskClient):
    """A test client with its own cookies and clean context."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request, after clearing what an earlier one left in `g`."""
        for name in list(g):
            g.pop(name)
        return super().open(*args, **options)


@dataclass
class Deployment:
    """The portal, and the plugin in it by name."""

    app: Flask
    name: str

    @property
    def registry(self) -> Registry:
        """The plugin registry; `ask`, `first` and `collect` call hooks as the portal does."""
        return registry()

    @property
    def schema(self) -> Any:
        """The plugin's settings model."""
        return self.registry.schema(self.name)

    def configure(self, **settings: str) -> None:
        """Save the plugin's settings. Raises Invalid with {field: sentence}."""
        changes.save_plugin_settings(self.name, settings, by=SYSTEM, now=clock.now())

    def switch(self, on: bool) -> None:
        """Switch the plugin on or off. Raises Invalid with the obstacles."""
        switches.switch(self.name, on, by=SYSTEM, now=clock.now(), confirmed=True)

    def move(self, place: int) -> None:
        """Move the plugin to this place of the administrator's order, counted from 1."""
        changes.move_plugin(self.name, str(place), by=SYSTEM, now=clock.now())

    def install(self, name: str, **hooks: Any) -> None:
        """Install another plugin made of these functions, and switch it on."""
        module = ModuleType(name, name)
        module.__file__ = __file__
        vars(module).update(hooks)
        self.registry.installed[name] = module
        switches.switch(name, True, by=SYSTEM, now=clock.now())

    def browser(self, role: str = "") -> FlaskClient:
        """Return a test client; with a role, signed in as a member of staff."""
        client = self.app.test_client()
        if role:
            person = Staff.create(
                username=f"{role}.of.the.kit", role=role, name="Kit", password_hash="", created_at=clock.now()
            )  # an empty hash matches no password
            with client.session_transaction() as session:
                session["_user_id"] = sign_ins.start(staff=person, now=clock.now()).key
                session["_fresh"] = True
        return client

    def addresses(self) -> list[str]:
        """List every URL of the plugin with filled-in parameters, and some that do not exist."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule.startswith(f"/x/{self.name}/")]
        known = [rule.rule.replace("<", "").replace(">", "").replace(":", "") for rule in rules]
        return [*known, *(f"/x/{self.name}{end}" for end in ("", "/", "/nothing", "/static/nothing.js", "/a/../b"))]


def who_is_signed_in(browser: FlaskClient) -> str:
    """Return the user name of the member of staff who is signed in in this browser, "" for nobody."""
    with browser.session_transaction() as session:
        person = sign_ins.find(session.get("_user_id", ""), now=clock.now())
    return str(person.staff.username) if person and person.staff else ""


@contextmanager
def running(name: str, module: ModuleType, folder: Path, **environ: str) -> Iterator[Deployment]:
    """Run a portal with this plugin, switched off and migrated. Calls to loopback are allowed."""
    own = {
        "PORTAL_DEMO": "1",
        "PORTAL_DATA_DIR": str(folder / "var"),
        "PORTAL_BASE_URL": "http://localhost",
        "PORTAL_SECRET_KEY": "a key for tests that is as long as it has to be",
        "PORTAL_INTERNAL_HOSTS": "127.0.0.1",
    }
    database_file = folder / "var" / "portal.db"
    database_file.parent.mkdir(parents=True, exist_ok=True)
    with _shared_templates():
        app = create_app(load(own | environ), {name: module})
    app.testing = True
    app.test_client_class = Browser
    with app.app_context(), language.speaking("en"):
        _make_tables(database_file)
        registry().sync()
        yield Deployment(app, name)
    database.close()


_tables: dict[frozenset[str], bytes] = {}


def _make_tables(file: Path) -> None:
    """Run all migrations once and cache the database file; later ones of this process are copies."""
    owners = migration_folders(registry().installed)
    kept = frozenset(owners)
    if kept in _tables:
        file.write_bytes(_tables[kept])
        return
    migrator.runner().up()
    for owner, migrations in owners.items():
        migrator.runner(owner, migrations).up()
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    _tables[kept] = file.read_bytes()


class CompiledTemplates(BytecodeCache):
    """In-memory cache of compiled templates, by name and checksum of the source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


_compiled = CompiledTemplates()


@contextmanager
def _shared_templates() -> Iterator[None]:
    """Share the template cache between applications: compiling is half of a test's time otherwise."""
    before = Flask.jinja_options
    Flask.jinja_options = {"bytecode_cache": _compiled} | before
    try:
        yield
    finally:
        Flask.jinja_options = before

"""A whole portal on a fresh database in a folder of its own, with your plugin installed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.config import load
from portal.core import clock, language, schema
from portal.core.accounts import sign_ins
from portal.core.accounts.models import Staff
from portal.core.admin import plugin_changes, switches
from portal.core.audit import SYSTEM
from portal.core.db import database
from portal.plugins import Registry, migration_folders, registry

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass
class Deployment:
    """The portal, and the plugin in it by name."""

    app: Flask
    name: str

    @property
    def registry(self) -> Registry:
        """Which plugins are on; `ask`, `first` and `collect` call hooks as the portal does."""
        return registry()

    @property
    def schema(self) -> Any:
        """The plugin's settings model."""
        return self.registry.schema(self.name)

    def configure(self, **settings: str) -> None:
        """Save the settings form. Raises Invalid with {field: sentence}."""
        plugin_changes.save_plugin_settings(self.name, settings, by=SYSTEM, now=clock.now())

    def switch(self, on: bool) -> None:
        """Press the switch. Raises Invalid while something stands in the way."""
        switches.switch(self.name, on, by=SYSTEM, now=clock.now(), confirmed=True)

    def move(self, place: int) -> None:
        """Put the plugin at this place of the administrator's order, counted from 1."""
        plugin_changes.move_plugin(self.name, str(place), by=SYSTEM, now=clock.now())

    def install(self, name: str, **hooks: Any) -> None:
        """Another plugin made of these functions, switched on: a neighbour to be before or after."""
        module = ModuleType(name, name)
        module.__file__ = __file__
        vars(module).update(hooks)
        self.registry.installed[name] = module
        switches.switch(name, True, by=SYSTEM, now=clock.now())

    def browser(self, role: str = "") -> FlaskClient:
        """A browser; with a role, one in which a member of staff is signed in."""
        client = self.app.test_client()
        if role:
            person = Staff.create(
                username=f"{role}.of.the.kit", role=role, name="Kit", password_hash="", created_at=clock.now()
            )  # nobody can sign in with an empty hash
            with client.session_transaction() as session:
                session["_user_id"] = sign_ins.start(staff=person, now=clock.now()).key
                session["_fresh"] = True
        return client

    def addresses(self) -> list[str]:
        """Every address of the plugin, with something in each place, and some that it does not have."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule.startswith(f"/x/{self.name}/")]
        known = [rule.rule.replace("<", "").replace(">", "").replace(":", "") for rule in rules]
        return [*known, *(f"/x/{self.name}{end}" for end in ("", "/", "/nothing", "/static/nothing.js", "/a/../b"))]


@contextmanager
def running(name: str, module: ModuleType, folder: Path, **environ: str) -> Iterator[Deployment]:
    """A portal with this plugin; it is off, its tables are there. Loopback may be called."""
    own: Mapping[str, str] = {
        "PORTAL_DEMO": "1",
        "PORTAL_DATA_DIR": str(folder / "var"),
        "PORTAL_BASE_URL": "http://localhost",
        "PORTAL_SECRET_KEY": "a key for tests that is as long as it has to be",
        "PORTAL_INTERNAL_HOSTS": "127.0.0.1",
    }
    app = create_app(load(own | environ), {name: module})
    app.testing = True
    with app.app_context(), language.speaking("en"):
        schema.runner().up()
        for owner, migrations in migration_folders(registry().installed).items():
            schema.runner(owner, migrations).up()
        registry().sync()
        yield Deployment(app, name)
    database.close()

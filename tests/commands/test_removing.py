"""What becomes of a plugin's data when it is removed: kept, written to files, or deleted, by command alone."""

import csv
import json
from types import ModuleType
from typing import Any

import peewee
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.contracts import PluginSettings
from portal.plugin_host.leaving import removal
from portal.plugin_host.models import HookCount, PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.store.db import BaseModel, database
from portal.work.audit import AuditRow
from tests.fakes import install_plugin
from tests.noted import noted


class GuestNote(BaseModel):
    """A row of the plugin."""

    text = peewee.CharField()

    class Meta:
        table_name = "guest_note"


class GuestBook(BaseModel):
    """A table of another plugin whose name begins alike, as its model is in another package."""

    class Meta:
        table_name = "guest_book_row"


GuestBook.__module__ = "guest_book"


class Settings(PluginSettings):
    """One setting."""

    url: str = "https://example.in"


@pytest.fixture
def guest(app, db, monkeypatch):
    """A stranger's plugin that is off, with a table of two rows."""
    module: ModuleType = install_plugin(app, "guest", settings_schema=lambda: Settings)
    monkeypatch.setattr(module, "__name__", __name__)
    monkeypatch.setattr(removal, "package_of", lambda name: "guest")
    HookCount.create(plugin="guest", hook="nav_items", calls=3)
    PluginState.update(enabled=False).where(PluginState.name == "guest").execute()
    bump_revision()
    registry().sync()
    for model in (GuestNote, GuestBook):
        model.create_table()
    GuestNote.insert_many([{"text": "one"}, {"text": "two, with a comma"}]).execute()
    yield
    database.execute_sql('DROP TABLE IF EXISTS "guest_book_row"')
    database.execute_sql('DROP TABLE IF EXISTS "guest_note"')


def remove(app, *words: str) -> Any:
    return CliRunner().invoke(main, ["plugin", "remove", "guest", *words], obj=lambda: app)


def test_kept_is_untouched_and_the_next_steps_are_said(app, guest):
    done = remove(app, "--data", "keep")
    assert (done.exit_code, GuestNote.select().count()) == (0, 2)
    assert "guest_note" in done.output
    assert "pip uninstall" in done.output


def test_exported_stands_in_files_and_is_kept(app, guest, tmp_path):
    done = remove(app, "--data", "export", "--folder", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    with (tmp_path / "out" / "guest_note.csv").open() as file:
        assert [row[-1] for row in csv.reader(file)] == ["text", "one", "two, with a comma"]
    assert json.loads((tmp_path / "out" / "settings.json").read_text()) == {"url": "https://example.in"}
    assert AuditRow.select().where(AuditRow.action == "PluginDataExported").count() == 1
    assert GuestNote.select().count() == 2


def test_deleted_is_gone_with_settings_and_counters_and_nothing_of_others(app, guest):
    remove(app, "--data", "delete", "--yes")
    tables = set(database.get_tables())
    assert "guest_note" not in tables
    assert {"guest_book_row", "plugin_state"} <= tables
    assert PluginState.select().where(PluginState.name == "guest").count() == 0
    assert HookCount.select().where(HookCount.plugin == "guest").count() == 0
    assert AuditRow.select().where(AuditRow.action == "PluginDataDeleted").count() == 1


def test_it_asks_before_it_deletes(app, guest):
    assert remove(app, "--data", "delete").exit_code == 1
    assert GuestNote.select().count() == 2


def test_one_that_is_on_and_one_of_the_portal_are_refused(app, guest, monkeypatch):
    PluginState.update(enabled=True).where(PluginState.name == "guest").execute()
    monkeypatch.setattr(registry(), "is_on", lambda name: True)
    assert noted(lambda: remove(app, "--data", "delete", "--yes")) == []
    monkeypatch.setattr(removal, "package_of", lambda name: "")
    assert "comes with the portal" in remove(app, "--data", "delete", "--yes").output
    assert GuestNote.select().count() == 2

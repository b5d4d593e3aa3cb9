"""Whether this process may go on working while newer code migrates the database (safety.md F38)."""

import peewee
import structlog
from flask import Flask

from portal.base import clock
from portal.plugin_host.discovery import migration_folders
from portal.plugin_host.registry import Registry
from portal.store import migrator
from portal.store.migrator import Known

EVERY = 2.0  # seconds between two looks
NEWER = "Another version has migrated the database ({names}), beside which this one may not work. Install that version."
log = structlog.get_logger(__name__)


class SchemaWatch:
    """Compares what the database serves with the migrations that this process's code knew when it started.

    Not with those in the folder now: a newer version may have been unpacked over it.
    """

    def __init__(self, known: Known) -> None:
        self._known, self._refusing = known, list[str]()
        self._until = clock.monotonic() + EVERY  # each start has just made sure

    def is_served(self) -> bool:
        """May this process's code work with the database? A database that does not answer changes nothing."""
        if clock.monotonic() >= self._until:
            self._until = clock.monotonic() + EVERY
            self._look()
        return not self._refusing

    def sentence(self) -> str:
        """Say why not."""
        return NEWER.format(names=", ".join(self._refusing))

    def missing(self) -> list[str]:
        """List the core's migrations that this code needs and the database has not had."""
        return sorted(self._known["core"] - set(migrator.runner().applied()))

    def _look(self) -> None:
        try:
            found = migrator.refusing(self._known)
        except peewee.PeeweeException:
            return
        if found and not self._refusing:
            log.error("schema_not_served", migrations=found, cure="install the version that made them")
        elif self._refusing and not found:
            log.warning("schema_served_again")
        self._refusing = found


def init_schema_watch(app: Flask, plugins: Registry) -> SchemaWatch:
    """Begin to watch for the migrations of the core and of all installed plugins."""
    folders = {"core": migrator.FOLDER} | migration_folders(plugins.installed)
    watch = SchemaWatch({owner: frozenset(migrator.names(folder)) for owner, folder in folders.items()})
    app.extensions["portal.schema"] = watch
    return watch

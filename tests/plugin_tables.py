"""Tables of the installed plugins, by their own migrations."""

from portal.plugin_host import registry
from portal.store import migrator


def migrate_plugins() -> None:
    """Run the migrations of every installed plugin."""
    for name, folder in registry.migration_folders(registry.discover()).items():
        migrator.runner(name, folder).up()

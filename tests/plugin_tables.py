"""Tables of the installed plugins, by their own migrations."""

from portal.plugin_host import discovery
from portal.store import migrator


def migrate_plugins() -> None:
    """Run the migrations of every installed plugin."""
    for name, folder in discovery.migration_folders(discovery.discover()).items():
        migrator.runner(name, folder).up()

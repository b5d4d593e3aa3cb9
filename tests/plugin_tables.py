"""Tables of the installed plugins, made with the plugins' own migrations."""

from portal import plugins
from portal.core import schema


def migrate_plugins() -> None:
    """Run the migrations of every installed plugin that has some."""
    for name, folder in plugins.migration_folders(plugins.discover()).items():
        schema.runner(name, folder).up()

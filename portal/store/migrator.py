"""The migrations of the core and of each plugin, each with its own history table."""

from pathlib import Path

from playhouse.migrations import Runner

from portal.store.db import database

FOLDER = Path(__file__).parent.parent / "migrations"


def runner(owner: str = "core", folder: Path = FOLDER) -> Runner:
    """The migrations of one owner: the core or a plugin, each with its own history table."""
    return Runner(database.obj, str(folder), table_name=f"migrations_{owner}")


def pending(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """Names of migrations not applied yet."""
    runs = runner(owner, folder)
    applied = runs.applied()
    return [migration.name for migration in runs.migrations() if migration.name not in applied]


def unknown(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """Names of migrations that were applied and are not here: a newer version, or another program, has been at work."""
    runs = runner(owner, folder)
    return sorted(set(runs.applied()) - {migration.name for migration in runs.migrations()})

"""Schema migrations of the core and of each plugin."""

from pathlib import Path

from playhouse.migrations import Runner

from portal.store.db import database

FOLDER = Path(__file__).parent.parent / "migrations"


def runner(owner: str = "core", folder: Path = FOLDER) -> Runner:
    """Return the migration runner of one owner, the core or a plugin, each with its own history table."""
    return Runner(database.obj, str(folder), table_name=f"migrations_{owner}")


def pending(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """List the migrations not applied yet."""
    runs = runner(owner, folder)
    applied = runs.applied()
    return [migration.name for migration in runs.migrations() if migration.name not in applied]


def unknown(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """List applied migrations that are not in the folder: a newer version, or another program, has migrated."""
    runs = runner(owner, folder)
    return sorted(set(runs.applied()) - {migration.name for migration in runs.migrations()})


def names(folder: Path = FOLDER) -> set[str]:
    """List the migrations of a folder, without a database."""
    return {path.stem for path in folder.glob("[0-9]*.py")}

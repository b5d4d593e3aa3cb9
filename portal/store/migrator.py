"""Schema migrations of the core and of each plugin, and which code may work beside them (safety.md F38).

A migration is a module with `up(migrator, db)` and `down(migrator, db)`, and says what it means for nodes that run:

* `EXPANDS = True`: it only adds. Code that has never heard of it works on beside it.
* `SERVES = "0048_what_came_before"`: it takes away what code that knows that one no longer uses. Such code works on,
  older code stops.
* neither: only code that knows it works on.

An index on a table that grows is made by `build_index`, alone in a migration with `atomic = False`.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peewee
from playhouse.migrations import Runner

from portal.store.db import BaseModel, database

FOLDER = Path(__file__).parent.parent / "migrations"
ANY = ""
STEPS = 'SELECT "owner", "name", "serves" FROM "schema_step"'
IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))"
Known = Mapping[str, frozenset[str]]  # the migrations that a process's code knows, by owner


class SchemaStep(BaseModel):
    """A migration that was begun. `serves`: code that knows this one works on beside it; ANY: all code does."""

    owner = peewee.CharField(max_length=60)
    name = peewee.CharField(max_length=120)
    serves = peewee.CharField(max_length=120)

    class Meta:
        indexes = ((("owner", "name"), True),)


@dataclass(frozen=True)
class Step:
    """One migration of an owner, and which code it serves (`SchemaStep`).

    `is_whole`: one transaction, so that nothing is left of one that fails. `named`: the quoted words in its text.
    """

    owner: str
    name: str
    serves: str
    is_whole: bool
    named: frozenset[str]

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def expands(self) -> bool:
        """Does it only add?"""
        return self.serves == ANY

    def stops(self, known: frozenset[str]) -> bool:
        """Must code that knows only these stop before it?"""
        return self.name not in known and not is_served(self.serves, known)


def is_served(serves: str, known: Set[str]) -> bool:
    """Does a migration that serves this leave code alone that knows only these?"""
    return serves == ANY or serves in known


def runner(owner: str = "core", folder: Path = FOLDER) -> Runner:
    """Return the migration runner of one owner, the core or a plugin, each with its own history table."""
    return Runner(database.obj, str(folder), table_name=f"migrations_{owner}")


def pending(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """List the migrations not applied yet."""
    runs = runner(owner, folder)
    applied = runs.applied()
    return [migration.name for migration in runs.migrations() if migration.name not in applied]


def steps(owner: str = "core", folder: Path = FOLDER) -> list[Step]:
    """List all migrations of a folder as they declare themselves."""
    return [_step(owner, migration) for migration in runner(owner, folder).migrations()]


def unserved(owner: str = "core", folder: Path = FOLDER) -> list[str]:
    """List applied or begun migrations that are not in the folder, and beside which this code may not work.

    One of which nobody noted what it serves, of another program or from before that was noted, serves nobody else.
    """
    known, noted = names(folder), {(one.owner, one.name): one.serves for one in _noted()}
    begun = set(runner(owner, folder).applied()) | {name for whose, name in noted if whose == owner}
    return sorted(
        name for name in begun - known if (owner, name) not in noted or not is_served(noted[owner, name], known)
    )


def names(folder: Path = FOLDER) -> set[str]:
    """List the migrations of a folder, without a database."""
    return {path.stem for path in folder.glob("[0-9]*.py")}


def refusing(known: Known) -> list[str]:
    """List what was begun since the start that this process's code may not work beside: `owner/name`.

    Past the counted statements and wait budget of a request, which it is no part of. Raises peewee's errors.
    """
    with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
        cursor = database.obj.cursor()
        cursor.execute(STEPS)
        found = cursor.fetchall()
    return [
        f"{owner}/{name}"
        for owner, name, serves in found
        if owner in known and name not in known[owner] and not is_served(serves, known[owner])
    ]


def is_noted() -> bool:
    """Does the database know yet whom its migrations serve?"""
    return bool(SchemaStep.table_exists())  # type: ignore[no-untyped-call]


def note(steps: Iterable[Step]) -> bool:
    """Note migrations before they run: processes that they do not serve read so, and stop. False: there is no table."""
    if not is_noted():
        return False
    for step in steps:
        SchemaStep.insert(owner=step.owner, name=step.name, serves=step.serves).on_conflict(
            conflict_target=[SchemaStep.owner, SchemaStep.name], update={SchemaStep.serves: step.serves}
        ).execute()
    return True


def take_back(steps: Iterable[Step]) -> None:
    """Take the notes of migrations back that were not applied after all, so that others work on.

    Not of one that may have been applied in part.
    """
    for step in steps:
        if step.is_whole and is_noted() and step.name not in runner(step.owner).applied():
            SchemaStep.delete().where((SchemaStep.owner == step.owner) & (SchemaStep.name == step.name)).execute()


def build_index(db: peewee.Database, name: str, on: str) -> None:
    """Make an index; on PostgreSQL no writer of the table waits for it. `on`: `"visit" ("state")`.

    It waits for the transactions that write meanwhile, as long as they take: nobody waits behind it. What a build left
    that was killed is not used by any query; it is dropped, and made anew. Not within a transaction.
    """
    if isinstance(db, peewee.SqliteDatabase):
        db.execute_sql(f'CREATE INDEX IF NOT EXISTS "{name}" ON {on}')
        return
    db.execute_sql("SET lock_timeout = 0")
    try:
        found = db.execute_sql(IS_VALID, (name,)).fetchone()
        if found and not found[0]:
            db.execute_sql(f'DROP INDEX CONCURRENTLY "{name}"')
        if not found or not found[0]:
            db.execute_sql(f'CREATE INDEX CONCURRENTLY "{name}" ON {on}')
    finally:
        db.execute_sql("RESET lock_timeout")


def _noted() -> list[SchemaStep]:
    return list(SchemaStep.select()) if is_noted() else []


def _step(owner: str, migration: Any) -> Step:
    module = migration.load()
    serves = ANY if getattr(module, "EXPANDS", False) else str(getattr(module, "SERVES", migration.name))
    text = Path(migration.path).read_text("utf-8")
    is_whole = bool(getattr(module, "atomic", True))
    return Step(owner, migration.name, serves, is_whole, frozenset(re.findall(r"""['"](\w+)['"]""", text)))

"""The tables of a plugin."""

from collections.abc import Iterator

from portal.plugin_host.registry import registry
from portal.store.db import BaseModel, database


def tables_of(name: str) -> list[str]:
    """List the tables in the database that the plugin's own models declare, with its name as prefix."""
    there = set(database.get_tables())
    models = _models(BaseModel, registry().installed[name].__name__)
    named = (str(model._meta.table_name) for model in models)  # noqa: SLF001 peewee's public way to ask
    return sorted(table for table in named if table in there and table.startswith(f"{name}_"))


def _models(base: type[BaseModel], package: str) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        if model.__module__ == package or model.__module__.startswith(f"{package}."):
            yield model
        yield from _models(model, package)

"""Statements whose text is made once: making it costs peewee several times what the database needs to answer.

For the few that every request or every token asks; for all others peewee is good enough.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from typing import Any, TypeVar

import peewee

from portal.store.db import BaseModel, database, is_sqlite

Convert = Callable[[Any], Any]
Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Slot:
    """A parameter that each use gives, and how its column writes it."""

    name: Any
    convert: Convert | None

    def filled(self, values: Any) -> Any:
        """The parameter as the driver takes it. Raises TypeError where no column says how a moment is written."""
        value = values[self.name]
        if self.convert:
            return self.convert(value)
        if isinstance(value, datetime):
            raise TypeError("a moment has to stand beside its column")
        return value


class Given(peewee.Node):
    """Stands in a statement for a value that each use gives."""

    def __init__(self, name: Any, convert: Convert | None = None) -> None:
        self._name, self._convert = name, convert

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(Slot(self._name, self._convert or ctx.state.converter), converter=False)


class Text:
    """A statement as the engine in use takes it."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self._sql, self._parameters = query.sql()
        self._reader: Any = None

    def run(self, values: Any) -> Any:
        """The driver's cursor."""
        filled = [part.filled(values) if isinstance(part, Slot) else part for part in self._parameters]
        return database.execute_sql(self._sql, filled)

    def rows(self, cursor: Any) -> list[Any]:
        """What the cursor holds, as the query makes it: model instances, or tuples."""
        if self._reader is None:
            reader = self._query._get_cursor_wrapper(cursor)  # noqa: SLF001 as peewee does once it has made the text
            reader.initialize()
            self._reader = reader
        return [self._reader.process_row(row) for row in cursor.fetchall()]


class Prepared:
    """A query as a function of its values. A value stands beside a column and is never None: the text would differ."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._givens = [Given(place) for place in range(make.__code__.co_argcount)]
        self._texts: dict[type, Text] = {}  # of each engine

    def all(self, *values: object) -> list[Any]:
        """The rows."""
        text, cursor = self._run(values)
        return text.rows(cursor)

    def raw(self, *values: object) -> list[tuple[Any, ...]]:
        """The rows as the driver gives them."""
        return list(self._run(values)[1].fetchall())

    def first(self, *values: object) -> Any:
        """The first row, or None."""
        rows = self.all(*values)
        return rows[0] if rows else None

    def execute(self, *values: object) -> int:
        """Run an update; so many rows have changed."""
        return int(self._run(values)[1].rowcount)

    def _run(self, values: tuple[object, ...]) -> tuple[Text, Any]:
        engine = type(database.obj)
        text = self._texts.get(engine)
        if text is None:
            text = self._texts[engine] = Text(self._make(*self._givens))
        return text, text.run(values)


_inserts: dict[tuple[Any, ...], Text] = {}


def insert(row: Row) -> Row:
    """Write a new row, as `save` does."""
    data, model, columns = row.__data__, type(row), row._meta  # noqa: SLF001 documented by peewee
    key = (type(database.obj), model, *data)
    text = _inserts.get(key)
    if text is None:
        fields = [columns.fields[name] for name in data]
        text = _inserts[key] = Text(model.insert({field: Given(field.name, _writer(field)) for field in fields}))
    cursor = text.run(data)
    row.id = cursor.lastrowid if is_sqlite() else cursor.fetchone()[0]
    return row


def _writer(field: peewee.Field) -> Convert:
    """How a column writes a value. Of JSON, SQLite's own json() would only take the blanks out."""
    if isinstance(field, peewee.JSONField) and is_sqlite():
        return lambda value: None if value is None else dumps(value, separators=(",", ":"))
    return field.db_value

"""Prepared statements: cache the SQL text, since building it costs peewee several times the query itself.

For the hot queries of every request and every token; for all others peewee is good enough. (decision 0008)
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from json import dumps
from typing import Any, TypeVar

import peewee

from portal.store.db import BaseModel, database, is_sqlite, writes

Convert = Callable[[Any], Any]
Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Parameter:
    """A bind parameter, and how its column converts it."""

    name: Any
    convert: Convert | None

    def filled(self, values: Any) -> Any:
        """Convert the value for the driver. Raises TypeError for a datetime without a column to convert it."""
        value = values[self.name]
        if self.convert:
            return self.convert(value)
        if isinstance(value, datetime):
            raise TypeError("a moment has to stand beside its column")
        return value


class Placeholder(peewee.Node):
    """Placeholder in a query for a bind parameter."""

    def __init__(self, name: Any, convert: Convert | None = None) -> None:
        self._name, self._convert = name, convert

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(Parameter(self._name, self._convert or ctx.state.converter), converter=False)


class CachedSQL:
    """Cached SQL of a query for the engine in use, with its parameters."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self._sql, self._parameters = query.sql()
        self._reader: Any = None

    def run(self, values: Any) -> Any:
        """Execute with these values and return the driver's cursor."""
        filled = [part.filled(values) if isinstance(part, Parameter) else part for part in self._parameters]
        return database.execute_sql(self._sql, filled)

    def rows(self, cursor: Any) -> list[Any]:
        """Read a cursor as the query would: model instances, or tuples."""
        if self._reader is None:
            reader = self._query._get_cursor_wrapper(cursor)  # noqa: SLF001 as peewee does after building the SQL
            reader.initialize()
            self._reader = reader
        return [self._reader.process_row(row) for row in cursor.fetchall()]


class _Read(threading.local):
    """What this thread has read in a block of `read_once`, and after how many of its writes."""

    kept: dict[Any, Any] | None = None
    writes = 0


_read = _Read()


@contextmanager
def read_once() -> Iterator[None]:
    """Send each prepared query once for the same values in the block; whatever this thread writes forgets the answers.

    For a page that asks many parts for the same rows. They share the rows: none may change them without saving.
    """
    before = _read.kept
    _read.kept = {} if before is None else before
    try:
        yield
    finally:
        _read.kept = before


def _once(key: Any, read: Callable[[], list[Any]]) -> list[Any]:
    kept = _read.kept
    if kept is None or database.in_transaction():  # there somebody else's lock may be waited for
        return read()
    if _read.writes != writes.count:
        kept.clear()
        _read.writes = writes.count
    if key not in kept:
        kept[key] = read()
    return list(kept[key])


class Prepared:
    """A query as a function of its parameters; each is compared with a column and never None, which has other SQL."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._placeholders = [Placeholder(place) for place in range(make.__code__.co_argcount)]
        self._cached: dict[type, CachedSQL] = {}  # of each engine

    def all(self, *values: object) -> list[Any]:
        """Return all rows."""
        return _once((self, values), lambda: self._rows(values))

    def raw(self, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows as the driver's tuples."""
        return _once((self, values, "raw"), lambda: list(self._run(values)[1].fetchall()))

    def first(self, *values: object) -> Any:
        """Return the first row, or None."""
        rows = self.all(*values)
        return rows[0] if rows else None

    def execute(self, *values: object) -> int:
        """Run an update and return the number of changed rows."""
        return int(self._run(values)[1].rowcount)

    def _rows(self, values: tuple[object, ...]) -> list[Any]:
        text, cursor = self._run(values)
        return text.rows(cursor)

    def _run(self, values: tuple[object, ...]) -> tuple[CachedSQL, Any]:
        engine = type(database.obj)
        text = self._cached.get(engine)
        if text is None:
            text = self._cached[engine] = CachedSQL(self._make(*self._placeholders))
        return text, text.run(values)


_inserts: dict[tuple[Any, ...], CachedSQL] = {}


def insert(row: Row) -> Row:
    """Insert a new row as `save` does, with cached SQL."""
    data, model, columns = row.__data__, type(row), row._meta  # noqa: SLF001 documented by peewee
    key = (type(database.obj), model, *data)
    text = _inserts.get(key)
    if text is None:
        fields = [columns.fields[name] for name in data]
        text = _inserts[key] = CachedSQL(
            model.insert({field: Placeholder(field.name, _writer(field)) for field in fields})
        )
    cursor = text.run(data)
    row.id = cursor.lastrowid if is_sqlite() else cursor.fetchone()[0]
    return row


def _writer(field: peewee.Field) -> Convert:
    """Return a column's converter. For JSON on SQLite, skip json(), which would only strip blanks."""
    if isinstance(field, peewee.JSONField) and is_sqlite():
        return lambda value: None if value is None else dumps(value, separators=(",", ":"))
    return field.db_value

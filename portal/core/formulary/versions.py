"""Versions of the formulary: the one in force as the rules see it, and the taking over of a new list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import peewee

from portal.core.formulary.classes import Medicine, several_of
from portal.core.formulary.index import Formulary
from portal.core.formulary.models import Drug, FormularyVersion
from portal.core.rules import tables
from portal.core.rules import versions as rules
from portal.store.db import one_at_a_time, write
from portal.store.prepared import Prepared

KEYS = ("name", "form")
TEXTS = ("strengths", "tele_class", "route", "default_frequency", "aliases", "brands", "substances")
SOURCES = ("source", "class_source")
COLUMNS = (*KEYS, *TEXTS, *SOURCES, "chronic")
LONGEST = {column: getattr(getattr(Drug, column), "max_length", None) for column in COLUMNS}  # characters of each
AT_ONCE = 50  # rows of an INSERT; SQLite takes at most 999 values
Values = Mapping[str, object]


@dataclass(frozen=True)
class Changed:
    """A medicine whose row differs: the columns with the value before and after."""

    name: str
    form: str
    columns: Mapping[str, tuple[object, object]]


@dataclass(frozen=True)
class Changes:
    """What a list would change in the version in force."""

    added: tuple[Values, ...] = ()
    changed: tuple[Changed, ...] = ()
    removed: tuple[Values, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def newest() -> FormularyVersion | None:
    """Return the version in force; None before the first import."""
    found: FormularyVersion | None = _newest.first()
    return found


@Prepared
def _newest() -> peewee.Select:
    return FormularyVersion.select().order_by(FormularyVersion.number.desc()).limit(1)


def in_force() -> Formulary:
    """Return the index of the version in force: two queries, and made once per version and process."""
    rules.refresh()
    version = newest()
    return _index(version.uid, version.number, tables.key()) if version else _without(tables.key())


def drugs_of(number: int) -> list[Drug]:
    """List the medicines of a version, by name and form."""
    stands = (Drug.since <= number) & (Drug.until.is_null() | (Drug.until > number))
    return list(Drug.select().where(stands).order_by(Drug.name, Drug.form))


def in_force_rows() -> list[Values]:
    """Return the rows of the version in force."""
    version = newest()
    return [{column: getattr(row, column) for column in COLUMNS} for row in drugs_of(version.number if version else 0)]


def changes_by(rows: Sequence[Values], *, keep_others: bool) -> Changes:
    """Compare a whole list with the version in force. `keep_others`: medicines it lacks are not removed."""
    there = {key_of(values): values for values in in_force_rows()}
    new = {key_of(values): values for values in rows}
    return Changes(
        added=tuple(values for key, values in new.items() if key not in there),
        changed=tuple(
            Changed(*key, different)
            for key, values in new.items()
            if key in there and (different := _different(there[key], values))
        ),
        removed=() if keep_others else tuple(values for key, values in there.items() if key not in new),
    )


def take_over(
    rows: Sequence[Values], *, keep_others: bool, by: str, file: str, now: datetime, signed_by: str = ""
) -> Changes:
    """Make the list the next version; one that changes nothing makes none. Returns what changed."""
    with write():
        one_at_a_time("formulary")
        changes = changes_by(rows, keep_others=keep_others)
        if changes:
            number = _store(changes, {key_of(values): values for values in rows})
            _name(number, changes, by=by, file=file, signed_by=signed_by, now=now)
    return changes


def _store(changes: Changes, rows: Mapping[tuple[str, str], Values]) -> int:
    last = newest()
    number = last.number + 1 if last else 1
    gone = [*(key_of(values) for values in changes.removed), *((each.name, each.form) for each in changes.changed)]
    for name, form in gone:
        stands = (Drug.name == name) & (Drug.form == form) & Drug.until.is_null()
        Drug.update(until=number).where(stands).execute()
    new = [*changes.added, *(rows[each.name, each.form] for each in changes.changed)]
    for place in range(0, len(new), AT_ONCE):
        Drug.insert_many([{**values, "since": number} for values in new[place : place + AT_ONCE]]).execute()
    return number


def _name(number: int, changes: Changes, *, by: str, file: str, signed_by: str, now: datetime) -> None:
    FormularyVersion.create(
        number=number,
        imported_at=now,
        imported_by=by[:60],
        file=file[:120],
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        signed_by=signed_by[:120],
    )


def key_of(values: Values) -> tuple[str, str]:
    """Return what makes a row another medicine: name and form."""
    return str(values["name"]), str(values["form"])


def _different(before: Values, after: Values) -> dict[str, tuple[object, object]]:
    return {column: (before[column], after[column]) for column in COLUMNS if before[column] != after[column]}


def _medicines(drugs: Iterable[Drug]) -> Iterable[Medicine]:
    for row in drugs:
        columns = (row.aliases, row.brands, row.substances, row.strengths)
        aliases, brands, substances, strengths = map(several_of, columns)
        is_chronic = bool(row.chronic)
        yield Medicine(row.name, row.form, row.standing_class, aliases, brands, substances, is_chronic, strengths)


# By the version's uid too: a number counts in one database only. Two, as a slow request may still use the one before.
@lru_cache(maxsize=2)
def _index(_uid: str, number: int, _tables: tuple[int, str]) -> Formulary:
    return Formulary(_medicines(drugs_of(number)), number)


@lru_cache(maxsize=1)
def _without(_tables: tuple[int, str]) -> Formulary:
    return Formulary(())

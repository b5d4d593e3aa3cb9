"""Versions of the tables: what a site has imported, the preview of an import, and taking one over."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from portal.core.rules import tables
from portal.core.rules.models import RuleTable
from portal.store.db import one_at_a_time, write
from portal.store.prepared import Prepared

Row = Mapping[str, str]


@dataclass(frozen=True)
class Changes:
    """What a table would change in the one in force: lines, and of changed ones the line before."""

    added: tuple[Row, ...] = ()
    changed: tuple[tuple[Row, Row], ...] = ()
    removed: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def refresh() -> None:
    """Put the newest imports in force in this process: one query, unless there is a newer one."""
    newest = _newest.first()
    if newest is None:
        if tables.in_force().number:
            tables.install(tables.InForce())
    elif tables.key() != (newest.number, newest.uid):
        last = RuleTable.select(peewee.fn.MAX(RuleTable.number)).group_by(RuleTable.name)
        texts = {row.name: row.content for row in RuleTable.select().where(RuleTable.number.in_(last))}
        tables.install(tables.InForce(newest.number, newest.uid, texts))


@Prepared
def _newest() -> peewee.Select:
    return RuleTable.select(RuleTable.number, RuleTable.uid).order_by(RuleTable.number.desc()).limit(1)


def changes_by(name: str, rows: Sequence[Row]) -> Changes:
    """Compare a whole table with the one in force."""
    before = {_key(name, row): row for row in tables.rows(name)}
    after = {_key(name, row): row for row in rows}
    return Changes(
        added=tuple(row for key, row in after.items() if key not in before),
        changed=tuple((before[key], row) for key, row in after.items() if key in before and before[key] != row),
        removed=tuple(row for key, row in before.items() if key not in after),
    )


def take_over(
    name: str, rows: Sequence[Row], *, signed_by: str, by: str, file: str, now: datetime
) -> tuple[Changes, int]:
    """Make the rows the table in force; one that changes nothing makes no version. Returns the changes and its number.

    In force are they after the commit, in each process at its next look.
    """
    with write():
        one_at_a_time("rule tables")
        changes = changes_by(name, rows)
        last = RuleTable.select().order_by(RuleTable.number.desc()).first()
        number = int(last.number) if last else 0
        if changes:
            number += 1
            RuleTable.create(
                number=number,
                name=name,
                content=_text(name, rows),
                signed_by=signed_by[:120],
                imported_at=now,
                imported_by=by[:60],
                file=file[:120],
            )
    return changes, number


def _key(name: str, row: Row) -> tuple[str, ...]:
    return tuple(row[column].casefold() for column in tables.KEYS[name])


def _text(name: str, rows: Sequence[Row]) -> str:
    lines = io.StringIO()
    columns = tables.packaged(name).partition("\n")[0].split(",")
    writer = csv.DictWriter(lines, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()

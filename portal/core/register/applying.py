"""Writing an import into the register, and taking it back: batch by batch, each person only as the preview showed it.

Who was changed in the meantime is left as it is, and the report says so.
"""

from collections.abc import Iterable

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.register.models import (
    APPLIED,
    CHANGED,
    CHANGED_SINCE,
    GONE,
    IN_USE,
    KEPT,
    NEW,
    PENDING,
    TAKEN_BACK,
    THERE,
    RegisterChange,
    RegisterImport,
    advance,
)
from portal.core.register.values import Centres, entries_of
from portal.store.db import write

BATCH = 500
Left = dict[str, list[int]]  # the rows that are left as they are, by reason


def apply_batch(batch: RegisterImport) -> bool:
    """Write the next changes of an import; True when there are none left."""
    kinds = (NEW, CHANGED, GONE) if batch.marks_gone else (NEW, CHANGED)
    with write():
        rows = _next(batch, kinds, PENDING)
        if not rows:
            return True
        entries, centres, left = entries_of(row.ben_id for row in rows), Centres(), Left()
        fresh = []
        for row in rows:
            entry = entries.get(row.ben_id)
            if (centres.values_of(entry) if entry else {}) != row.before:
                left.setdefault(THERE if row.kind == NEW else CHANGED_SINCE, []).append(row.id)
            elif entry is None:
                fresh.append({"ben_id": row.ben_id} | centres.columns_of(row.after))
            else:
                RegisterEntry.update(**centres.columns_of(row.after)).where(RegisterEntry.id == entry.id).execute()
        if fresh:
            RegisterEntry.insert_many(fresh).execute()
        _note(batch, rows, left, APPLIED)
    return False


def undo_batch(batch: RegisterImport) -> bool:
    """Take the next changes of an import back; True when there are none left."""
    with write():
        rows = _next(batch, (NEW, CHANGED, GONE), APPLIED)
        if not rows:
            return True
        entries, centres, left = entries_of(row.ben_id for row in rows), Centres(), Left()
        used = _in_use(entries[row.ben_id] for row in rows if row.kind == NEW and row.ben_id in entries)
        dropped = []
        for row in rows:
            entry = entries.get(row.ben_id)
            if entry is None or centres.values_of(entry) != row.after:
                left.setdefault(CHANGED_SINCE, []).append(row.id)
            elif row.kind != NEW:
                RegisterEntry.update(**centres.columns_of(row.before)).where(RegisterEntry.id == entry.id).execute()
            elif entry.id in used:
                left.setdefault(IN_USE, []).append(row.id)
            else:
                dropped.append(entry.id)
        if dropped:
            RegisterEntry.delete().where(RegisterEntry.id.in_(dropped)).execute()
        _note(batch, rows, left, TAKEN_BACK)
    return False


def _next(batch: RegisterImport, kinds: tuple[str, ...], outcome: str) -> list[RegisterChange]:
    """Take the rows behind the cursor, of the kind that the import stands at or of a later one."""
    for kind in kinds[kinds.index(batch.compared) :] if batch.compared in kinds else kinds:
        last = batch.cursor if kind == batch.compared else 0
        mine = (RegisterChange.batch == batch) & (RegisterChange.kind == kind) & (RegisterChange.id > last)
        found = RegisterChange.select().where(mine & (RegisterChange.outcome == outcome)).order_by(RegisterChange.id)
        if rows := list(found.limit(BATCH)):
            return rows
    return []


def _note(batch: RegisterImport, rows: list[RegisterChange], left: Left, outcome: str) -> None:
    kept = {row for ids in left.values() for row in ids}
    done = [row.id for row in rows if row.id not in kept]
    if done:
        RegisterChange.update(outcome=outcome).where(RegisterChange.id.in_(done)).execute()
    for reason, ids in left.items():
        RegisterChange.update(outcome=KEPT, reason=reason).where(RegisterChange.id.in_(ids)).execute()
    advance(batch, rows[-1].id, rows[-1].kind, done=batch.done + len(rows), kept=batch.kept + len(kept))


def _in_use(entries: Iterable[RegisterEntry]) -> set[int]:
    """Find the entries that other rows refer to: who is registered, or was referred, is not deleted."""
    ids = [entry.id for entry in entries]
    found: set[int] = set()
    if ids:
        for field, model in RegisterEntry._meta.backrefs.items():  # noqa: SLF001 documented by peewee
            found |= {value for (value,) in model.select(field).where(field.in_(ids)).tuples()}
    return found

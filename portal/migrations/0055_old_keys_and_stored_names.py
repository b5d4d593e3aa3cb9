"""Indexes by which old keys of forms are found, and a prescription by the name of its file."""

from portal.store.migrator import build_index

EXPANDS = True
atomic = False


def up(migrator, db):
    build_index(db, "spent_key_at", '"spent_key" ("at")')
    build_index(db, "prescription_stored_name", '"prescription" ("stored_name")')


def down(migrator, db):
    for name in ("spent_key_at", "prescription_stored_name"):
        db.execute_sql(f'DROP INDEX "{name}"')

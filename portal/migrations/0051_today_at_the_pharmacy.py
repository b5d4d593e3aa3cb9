"""An index for the pharmacy's list of today, which read all prescriptions of the past."""

from portal.store.migrator import build_index

EXPANDS = True
atomic = False


def up(migrator, db):
    build_index(db, 'prescription_issued_at', '"prescription" ("issued_at")')


def down(migrator, db):
    db.execute_sql('DROP INDEX "prescription_issued_at"')

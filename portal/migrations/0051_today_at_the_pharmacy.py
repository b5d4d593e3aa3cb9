"""An index for the pharmacy's list of today, which read all prescriptions of the past."""

EXPANDS = True


def up(migrator, db):
    db.execute_sql('CREATE INDEX "prescription_issued_at" ON "prescription" ("issued_at")')


def down(migrator, db):
    db.execute_sql('DROP INDEX "prescription_issued_at"')

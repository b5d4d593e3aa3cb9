"""Concerns of safety that a doctor issued over, a row each."""

from peewee import SqliteDatabase


def up(migrator, db):
    key = 'INTEGER' if isinstance(db, SqliteDatabase) else 'SERIAL'
    db.execute_sql(
        f'CREATE TABLE "override" ("id" {key} NOT NULL PRIMARY KEY, "prescription_id" INTEGER NOT NULL, '
        '"rule" VARCHAR(40) NOT NULL, "tier" VARCHAR(4) NOT NULL, "position" INTEGER, "reason" VARCHAR(120) NOT NULL, '
        'FOREIGN KEY ("prescription_id") REFERENCES "prescription" ("id"))'
    )
    db.execute_sql('CREATE INDEX "override_prescription_id" ON "override" ("prescription_id")')
    db.execute_sql('CREATE INDEX "override_rule" ON "override" ("rule")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "override"')

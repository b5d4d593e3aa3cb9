"""The doctor may state the mode; medicines know when they came into the notes; answers for unclassified names are kept.

A class stands only with its source: rows of the packaged list get theirs, as they were imported without.
"""

from pathlib import Path

from peewee import SqliteDatabase

from portal.store.csv_file import shipped

FORMULARY = Path(__file__).parent.parent / 'core' / 'data' / 'formulary.csv'
SOURCE = """UPDATE "drug" SET "class_source" = ?
WHERE "class_source" = '' AND "name" = ? AND "form" = ? AND "tele_class" = ?"""


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    kind, empty, moment = ('TEXT', "'{}'", 'DATETIME') if is_sqlite else ('JSONB', "'{}'::jsonb", 'TIMESTAMP')
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql('ALTER TABLE "consult" ADD COLUMN "stated_mode" VARCHAR(8) NOT NULL DEFAULT \'\'')
    db.execute_sql(f'ALTER TABLE "consult" ADD COLUMN "mode_stated_at" {moment}')
    db.execute_sql(f'ALTER TABLE "consult" ADD COLUMN "added" {kind} NOT NULL DEFAULT {empty}')
    db.execute_sql(
        f'CREATE TABLE "judged_name" ("id" {key}, "doctor_id" INTEGER NOT NULL REFERENCES "staff" ("id"), '
        f'"name" VARCHAR(200) NOT NULL, "at" {moment} NOT NULL)'
    )
    db.execute_sql('CREATE INDEX "judgedname_doctor_id" ON "judged_name" ("doctor_id")')
    db.execute_sql('CREATE UNIQUE INDEX "judgedname_doctor_id_name" ON "judged_name" ("doctor_id", "name")')
    for row in shipped(FORMULARY):
        if row['class_source']:
            values = (row['class_source'], row['name'], row['form'], row['tele_class'])
            db.execute_sql(SOURCE if is_sqlite else SOURCE.replace('?', '%s'), values)


def down(migrator, db):
    db.execute_sql('DROP TABLE "judged_name"')
    for name in ('added', 'mode_stated_at', 'stated_mode'):
        migrator.migrate(migrator.drop_column('consult', name))

"""The patient's sheet of a prescription in large print."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "large_print" ("id" {key}, "prescription_id" INTEGER NOT NULL, '
        f'"sha256" VARCHAR(64) NOT NULL, "stored_at" {moment}, '
        f'"lease_until" {moment}, "tries" INTEGER NOT NULL, "next_at" {moment}, '
        'FOREIGN KEY ("prescription_id") REFERENCES "prescription" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "largeprint_prescription_id" ON "large_print" ("prescription_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "large_print"')

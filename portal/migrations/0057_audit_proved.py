"""Sections of the audit log, each with the root of a tree over its rows, and what the nightly verification found."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "audit_section" ("id" {key}, "number" INTEGER NOT NULL, "at" {moment} NOT NULL, '
        '"counts" TEXT NOT NULL, "root" VARCHAR(64) NOT NULL, "link" VARCHAR(64) NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "audit_section_number" ON "audit_section" ("number")')
    db.execute_sql(
        f'CREATE TABLE "audit_check" ("id" {key}, "at" {moment} NOT NULL, "rows" INTEGER NOT NULL, '
        '"breaks" INTEGER NOT NULL, "first" VARCHAR(200) NOT NULL)'
    )


def down(migrator, db):
    for table in ('audit_check', 'audit_section'):
        db.execute_sql(f'DROP TABLE "{table}"')

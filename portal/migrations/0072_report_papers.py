"""Reports as PDF, and the mails of weeks and months."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, json, blob = ('DATETIME', 'TEXT', 'BLOB') if is_sqlite else ('TIMESTAMP', 'JSONB', 'BYTEA')
    leased = f'"lease_until" {moment}, "tries" INTEGER NOT NULL, "next_at" {moment})'
    db.execute_sql(
        f'CREATE TABLE "report_print" ("id" {key}, "key" VARCHAR(64) NOT NULL, "wish" {json} NOT NULL, '
        f'"language" VARCHAR(2) NOT NULL, "asked_at" {moment} NOT NULL, "content" {blob}, "stored_at" {moment}, {leased}'
    )
    db.execute_sql('CREATE UNIQUE INDEX "reportprint_key" ON "report_print" ("key")')
    db.execute_sql('CREATE INDEX "reportprint_asked_at" ON "report_print" ("asked_at")')
    db.execute_sql(
        f'CREATE TABLE "report_mail" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "period" VARCHAR(16) NOT NULL, '
        '"first" DATE NOT NULL, "last" DATE NOT NULL, "state" VARCHAR(8) NOT NULL, "error" VARCHAR(200) NOT NULL, '
        f'"sent_at" {moment}, {leased}'
    )
    db.execute_sql('CREATE UNIQUE INDEX "reportmail_uid" ON "report_mail" ("uid")')
    db.execute_sql('CREATE UNIQUE INDEX "reportmail_period" ON "report_mail" ("period")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "report_mail"')
    db.execute_sql('DROP TABLE "report_print"')

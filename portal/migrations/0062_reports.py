"""Counts by clinic day and month for reports, and the days that are due to be counted."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, text, yes_no = ('DATETIME', 'TEXT', 'INTEGER') if is_sqlite else ('TIMESTAMP', 'JSONB', 'BOOLEAN')
    db.execute_sql(
        f'CREATE TABLE "report_row" ("id" {key}, "begins" DATE NOT NULL, "is_month" {yes_no} NOT NULL, '
        f'"specialty" INTEGER NOT NULL, "centre" INTEGER NOT NULL, "part" VARCHAR(12) NOT NULL, "counts" {text} NOT NULL)'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "report_row_part_is_month_specialty_centre_begins" '
        'ON "report_row" ("part", "is_month", "specialty", "centre", "begins")'
    )
    db.execute_sql('CREATE INDEX "report_row_begins_is_month" ON "report_row" ("begins", "is_month")')
    db.execute_sql(
        f'CREATE TABLE "report_day" ("id" {key}, "day" DATE NOT NULL, "is_due" {yes_no} NOT NULL, '
        f'"version" INTEGER NOT NULL, "counted_at" {moment})'
    )
    db.execute_sql('CREATE UNIQUE INDEX "report_day_day" ON "report_day" ("day")')
    db.execute_sql('CREATE INDEX "report_day_due" ON "report_day" ("day") WHERE "is_due"')
    db.execute_sql(f'CREATE TABLE "report_mark" ("id" {key}, "event" BIGINT NOT NULL)')


def down(migrator, db):
    for table in ('report_mark', 'report_day', 'report_row'):
        db.execute_sql(f'DROP TABLE "{table}"')

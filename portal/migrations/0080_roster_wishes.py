"""Wishes of doctors for leave and swaps."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "roster_wish" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "kind" VARCHAR(8) NOT NULL, '
        '"doctor_id" INTEGER NOT NULL, "day" DATE NOT NULL, "until" DATE, "half" VARCHAR(1) NOT NULL, '
        '"other_id" INTEGER, "other_day" DATE, "reason" VARCHAR(200) NOT NULL, "state" VARCHAR(10) NOT NULL, '
        f'"asked_at" {moment} NOT NULL, "answer" VARCHAR(200) NOT NULL, "answered_at" {moment}, '
        '"answered_by_id" INTEGER, FOREIGN KEY ("doctor_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("other_id") REFERENCES "staff" ("id"), FOREIGN KEY ("answered_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "rosterwish_uid" ON "roster_wish" ("uid")')
    for column in ('doctor_id', 'other_id', 'state', 'answered_by_id'):
        db.execute_sql(f'CREATE INDEX "rosterwish_{column}" ON "roster_wish" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "roster_wish"')

"""Resets of the sign-in of staff that a second administrator confirms."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "staff_reset" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "asked_by_id" INTEGER NOT NULL, '
        f'"asked_at" {moment} NOT NULL, "confirmed_by_id" INTEGER, "ends_at" {moment}, "staff_id" INTEGER NOT NULL, '
        '"kind" VARCHAR(8) NOT NULL, FOREIGN KEY ("asked_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("confirmed_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "staffreset_uid" ON "staff_reset" ("uid")')
    for column in ('asked_by_id', 'asked_at', 'confirmed_by_id', 'staff_id'):
        db.execute_sql(f'CREATE INDEX "staffreset_{column}" ON "staff_reset" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "staff_reset"')

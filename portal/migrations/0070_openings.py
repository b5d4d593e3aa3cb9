"""Openings of somebody's record by an administrator."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "opening" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "beneficiary_id" INTEGER NOT NULL, '
        f'"reason" VARCHAR(300) NOT NULL, "asked_by_id" INTEGER NOT NULL, "asked_at" {moment} NOT NULL, '
        f'"confirmed_by_id" INTEGER, "ends_at" {moment}, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id") ON DELETE CASCADE, '
        'FOREIGN KEY ("asked_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("confirmed_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "opening_uid" ON "opening" ("uid")')
    for column in ('beneficiary_id', 'asked_by_id', 'asked_at', 'confirmed_by_id'):
        db.execute_sql(f'CREATE INDEX "opening_{column}" ON "opening" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "opening"')

"""Passkeys of staff."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "passkey" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "staff_id" INTEGER NOT NULL, '
        '"key" VARCHAR(1400) NOT NULL, "public_key" TEXT NOT NULL, "sign_count" BIGINT NOT NULL, '
        f'"name" VARCHAR(120) NOT NULL, "created_at" {moment} NOT NULL, "used_at" {moment}, '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "passkey_uid" ON "passkey" ("uid")')
    db.execute_sql('CREATE UNIQUE INDEX "passkey_key" ON "passkey" ("key")')
    db.execute_sql('CREATE INDEX "passkey_staff_id" ON "passkey" ("staff_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "passkey"')

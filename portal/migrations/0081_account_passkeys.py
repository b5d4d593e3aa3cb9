"""Passkeys of mobiles."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "account_passkey" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "account_id" INTEGER NOT NULL, '
        '"key" VARCHAR(1400) NOT NULL, "public_key" TEXT NOT NULL, "sign_count" BIGINT NOT NULL, '
        f'"device" VARCHAR(22) NOT NULL, "created_at" {moment} NOT NULL, "proven_at" {moment} NOT NULL, '
        f'"used_at" {moment}, FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "accountpasskey_uid" ON "account_passkey" ("uid")')
    db.execute_sql('CREATE UNIQUE INDEX "accountpasskey_key" ON "account_passkey" ("key")')
    db.execute_sql('CREATE INDEX "accountpasskey_account_id" ON "account_passkey" ("account_id")')
    db.execute_sql('CREATE INDEX "accountpasskey_device" ON "account_passkey" ("device")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "account_passkey"')

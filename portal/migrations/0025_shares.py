"""One-time codes by which a family shows a prescription to a centre or to somebody who collects."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "share" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "visit_id" INTEGER NOT NULL, '
        '"account_id" INTEGER NOT NULL, "centre_id" INTEGER, "name" VARCHAR(250) NOT NULL, '
        '"nonce" VARCHAR(32) NOT NULL, "mark" VARCHAR(64) NOT NULL, '
        f'"created_at" {moment} NOT NULL, "expires_at" {moment} NOT NULL, "opened_at" {moment}, '
        f'"opened_by_id" INTEGER, "device" VARCHAR(64) NOT NULL, "withdrawn_at" {moment}, '
        'FOREIGN KEY ("visit_id") REFERENCES "visit" ("id"), '
        'FOREIGN KEY ("account_id") REFERENCES "account" ("id"), '
        'FOREIGN KEY ("centre_id") REFERENCES "centre" ("id"), '
        'FOREIGN KEY ("opened_by_id") REFERENCES "staff" ("id"))'
    )
    for column in ('uid', 'mark'):
        db.execute_sql(f'CREATE UNIQUE INDEX "share_{column}" ON "share" ("{column}")')
    for column in ('visit_id', 'account_id', 'centre_id', 'opened_by_id', 'expires_at'):
        db.execute_sql(f'CREATE INDEX "share_{column}" ON "share" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "share"')

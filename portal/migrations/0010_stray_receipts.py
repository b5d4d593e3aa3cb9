"""Receipts that match no text, or have no state that we know, are counted by day."""

from peewee import SqliteDatabase


def up(migrator, db):
    key = 'INTEGER NOT NULL PRIMARY KEY' if isinstance(db, SqliteDatabase) else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql(
        f'CREATE TABLE "stray_receipt" ("id" {key}, "provider" VARCHAR(60) NOT NULL, "day" DATE NOT NULL, '
        '"kind" VARCHAR(8) NOT NULL, "count" INTEGER NOT NULL, "detail" VARCHAR(200) NOT NULL)'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "strayreceipt_provider_day_kind" ON "stray_receipt" ("provider", "day", "kind")'
    )


def down(migrator, db):
    db.execute_sql('DROP TABLE "stray_receipt"')

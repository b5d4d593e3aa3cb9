"""Dead letters are a state of their own, workers show that they live, and damaged files are remembered."""

from peewee import SqliteDatabase

# After twelve tries an event used to be called delivered.
NEVER_HEARD = """
UPDATE "event" SET "dead_at" = "delivered_at", "delivered_at" = NULL WHERE "delivered_at" IS NOT NULL
AND "id" IN (SELECT "event_id" FROM "delivery" WHERE "done_at" IS NULL AND "tries" >= 12)
"""


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    key = 'INTEGER NOT NULL PRIMARY KEY' if isinstance(db, SqliteDatabase) else 'SERIAL NOT NULL PRIMARY KEY'
    for column in ('next_at', 'dead_at'):
        db.execute_sql(f'ALTER TABLE "event" ADD COLUMN "{column}" {moment}')
        db.execute_sql(f'CREATE INDEX "event_{column}" ON "event" ("{column}")')
    db.execute_sql('UPDATE "event" SET "next_at" = "at" WHERE "delivered_at" IS NULL')
    db.execute_sql(NEVER_HEARD)
    db.execute_sql(
        f'CREATE TABLE "worker" ("id" {key}, "name" VARCHAR(80) NOT NULL, "started_at" {moment} NOT NULL, '
        f'"beat_at" {moment} NOT NULL, "has_queue" BOOLEAN NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "worker_name" ON "worker" ("name")')
    db.execute_sql(
        f'CREATE TABLE "damaged_file" ("id" {key}, "kind" VARCHAR(20) NOT NULL, "uid" VARCHAR(22) NOT NULL, '
        f'"found_at" {moment} NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "damaged_file_kind_uid" ON "damaged_file" ("kind", "uid")')


def down(migrator, db):
    for table in ('damaged_file', 'worker'):
        db.execute_sql(f'DROP TABLE "{table}"')
    for column in ('next_at', 'dead_at'):
        db.execute_sql(f'DROP INDEX "event_{column}"')
        db.execute_sql(f'ALTER TABLE "event" DROP COLUMN "{column}"')

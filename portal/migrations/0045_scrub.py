"""Where the scrub of stored files stands. Damaged files are known by folder and name, so that reader and scrub agree."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    if not is_sqlite:
        db.execute_sql('ALTER TABLE "damaged_file" ALTER COLUMN "uid" TYPE VARCHAR(40)')
    db.execute_sql(
        f'CREATE TABLE "scrub" ("id" {key}, "place" VARCHAR(40) NOT NULL, "last_id" BIGINT NOT NULL, '
        f'"began_at" {moment}, "finished_at" {moment}, "files" BIGINT NOT NULL, "bytes" BIGINT NOT NULL, '
        f'"owed" BIGINT NOT NULL, "next_at" {moment} NOT NULL, "version" INTEGER NOT NULL)'
    )


def down(migrator, db):
    db.execute_sql('DROP TABLE "scrub"')

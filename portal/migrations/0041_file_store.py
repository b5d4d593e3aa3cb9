"""What is known of the files' store, and files whose deletion waits for the end of a backup."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "file_note" ("id" {key}, "name" VARCHAR(40) NOT NULL, "number" INTEGER NOT NULL, '
        f'"text" VARCHAR(300) NOT NULL, "noted_at" {moment} NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "file_note_name" ON "file_note" ("name")')
    db.execute_sql(f'CREATE TABLE "deferred_file" ("id" {key}, "key" VARCHAR(120) NOT NULL)')


def down(migrator, db):
    db.execute_sql('DROP TABLE "deferred_file"')
    db.execute_sql('DROP TABLE "file_note"')

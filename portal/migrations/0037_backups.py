"""Backups that were made, and restores."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, text = ('DATETIME', 'TEXT') if is_sqlite else ('TIMESTAMP', 'JSONB')
    db.execute_sql(
        f'CREATE TABLE "backup" ("id" {key}, "taken_at" {moment} NOT NULL, "finished_at" {moment} NOT NULL, '
        '"place" VARCHAR(300) NOT NULL, "size" BIGINT NOT NULL, "files" INTEGER NOT NULL, '
        f'"verified" {"INTEGER" if is_sqlite else "BOOLEAN"} NOT NULL, "problem" VARCHAR(300) NOT NULL)'
    )
    db.execute_sql('CREATE INDEX "backup_taken_at" ON "backup" ("taken_at")')
    db.execute_sql(
        f'CREATE TABLE "generation" ("id" {key}, "taken_at" {moment} NOT NULL, "restored_at" {moment} NOT NULL, '
        f'"lost" {text} NOT NULL)'
    )


def down(migrator, db):
    db.execute_sql('DROP TABLE "generation"')
    db.execute_sql('DROP TABLE "backup"')

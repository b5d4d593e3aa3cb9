"""Administrators note the feedback that they have read."""

from peewee import SqliteDatabase


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "feedback" ADD COLUMN "noted_at" {moment}')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('feedback', 'noted_at'))

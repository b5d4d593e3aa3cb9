"""Answers to doctors' wishes are put away by those whom they concern."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    for column in ('seen_at', 'other_seen_at'):
        db.execute_sql(f'ALTER TABLE "roster_wish" ADD COLUMN "{column}" {moment}')


def down(migrator, db):
    for column in ('other_seen_at', 'seen_at'):
        db.execute_sql(f'ALTER TABLE "roster_wish" DROP COLUMN "{column}"')

"""A member of staff chooses the own password with a one-time code, which lasts until a moment."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    moment = "DATETIME" if isinstance(db, SqliteDatabase) else "TIMESTAMP"
    db.execute_sql(f'ALTER TABLE "staff" ADD COLUMN "choose_until" {moment}')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('staff', 'choose_until'))

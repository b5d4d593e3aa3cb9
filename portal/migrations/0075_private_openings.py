"""Whether an opened record holds what is of a private specialty."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    yes_no, no = ('INTEGER', '0') if isinstance(db, SqliteDatabase) else ('BOOLEAN', 'FALSE')
    db.execute_sql(f'ALTER TABLE "opening" ADD COLUMN "with_private" {yes_no} NOT NULL DEFAULT {no}')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "opening" DROP COLUMN "with_private"')

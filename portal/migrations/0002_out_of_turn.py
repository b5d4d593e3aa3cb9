"""A visit says whether its last call was an emergency: the patient and the other doctors read it."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    no = '0' if isinstance(db, SqliteDatabase) else 'false'
    db.execute_sql(f'ALTER TABLE "visit" ADD COLUMN "out_of_turn" BOOLEAN NOT NULL DEFAULT {no}')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('visit', 'out_of_turn'))

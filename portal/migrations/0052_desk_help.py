"""Tokens that a Wellness Centre's desk took for somebody: whose help it is, and where the person waits."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql(
        f'CREATE TABLE "desk_help" ("id" {key}, "visit_id" INTEGER NOT NULL, "staff_id" INTEGER NOT NULL, '
        '"way" VARCHAR(10) NOT NULL, FOREIGN KEY ("visit_id") REFERENCES "visit" ("id") ON DELETE CASCADE, '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "desk_help_visit_id" ON "desk_help" ("visit_id")')
    db.execute_sql('CREATE INDEX "desk_help_staff_id" ON "desk_help" ("staff_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "desk_help"')

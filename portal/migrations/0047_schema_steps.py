"""Which code works beside a migration is in the database, where running nodes of the version before read it."""

from peewee import SqliteDatabase


def up(migrator, db):
    key = 'INTEGER NOT NULL PRIMARY KEY' if isinstance(db, SqliteDatabase) else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql(
        f'CREATE TABLE "schema_step" ("id" {key}, "owner" VARCHAR(60) NOT NULL, "name" VARCHAR(120) NOT NULL, '
        '"serves" VARCHAR(120) NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "schemastep_owner_name" ON "schema_step" ("owner", "name")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "schema_step"')

"""More than a part is given by a written permission: the letter, and how much of each medicine went beyond its part."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql('ALTER TABLE "dispensed_item" ADD COLUMN "beyond" INTEGER NOT NULL DEFAULT 0')
    db.execute_sql(
        f'CREATE TABLE "permission" ("id" {key}, "dispensing_id" INTEGER NOT NULL, "signed_by" VARCHAR(120) NOT NULL, '
        '"number" VARCHAR(60) NOT NULL, "dated" DATE NOT NULL, "reason" VARCHAR(200) NOT NULL, '
        'FOREIGN KEY ("dispensing_id") REFERENCES "dispensing" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "permission_dispensing_id" ON "permission" ("dispensing_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "permission"')
    migrator.migrate(migrator.drop_column('dispensed_item', 'beyond'))

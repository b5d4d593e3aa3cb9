"""A written permission may be of an indent: the letter, and how much of the order is more than a part."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql('ALTER TABLE "indent" ADD COLUMN "beyond" INTEGER NOT NULL DEFAULT 0')
    db.execute_sql(
        f'CREATE TABLE "indent_permission" ("id" {key}, "indent_id" INTEGER NOT NULL, "signed_by" VARCHAR(120) NOT NULL, '
        '"number" VARCHAR(60) NOT NULL, "dated" DATE NOT NULL, "reason" VARCHAR(200) NOT NULL, '
        'FOREIGN KEY ("indent_id") REFERENCES "indent" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "indentpermission_indent_id" ON "indent_permission" ("indent_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "indent_permission"')
    migrator.migrate(migrator.drop_column('indent', 'beyond'))

"""Pictures of a record's pages are made once and stored beside it."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew.
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    db.execute_sql('ALTER TABLE "record" ADD COLUMN "pages" INTEGER')
    db.execute_sql(
        f'CREATE TABLE "preview" ("id" {key}, "record_id" INTEGER NOT NULL, "number" INTEGER NOT NULL, '
        '"stored_name" VARCHAR(40) NOT NULL, "sha256" VARCHAR(64) NOT NULL, '
        'FOREIGN KEY ("record_id") REFERENCES "record" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "preview_stored_name" ON "preview" ("stored_name")')
    db.execute_sql('CREATE INDEX "preview_record_id" ON "preview" ("record_id")')
    db.execute_sql('CREATE UNIQUE INDEX "preview_record_id_number" ON "preview" ("record_id", "number")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "preview"')
    migrator.migrate(migrator.drop_column('record', 'pages'))

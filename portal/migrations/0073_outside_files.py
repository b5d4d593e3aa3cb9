"""Files that plugins bring from outside, by their ids there."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "outside_file" ("id" {key}, "plugin" VARCHAR(40) NOT NULL, "reference" VARCHAR(80) NOT NULL, '
        f'"record_id" INTEGER, "taken_at" {moment} NOT NULL, '
        'FOREIGN KEY ("record_id") REFERENCES "record" ("id") ON DELETE SET NULL)'
    )
    db.execute_sql('CREATE INDEX "outsidefile_record_id" ON "outside_file" ("record_id")')
    db.execute_sql('CREATE UNIQUE INDEX "outsidefile_plugin_reference" ON "outside_file" ("plugin", "reference")')
    yes = 'INTEGER' if is_sqlite else 'BOOLEAN'
    db.execute_sql(
        f'CREATE TABLE "outside_fetch" ("id" {key}, "visit_id" INTEGER NOT NULL, "plugin" VARCHAR(40) NOT NULL, '
        f'"asks" INTEGER NOT NULL, "is_due" {yes} NOT NULL, "lease_until" {moment}, "tries" INTEGER NOT NULL, '
        f'"next_at" {moment}, FOREIGN KEY ("visit_id") REFERENCES "visit" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE INDEX "outsidefetch_visit_id" ON "outside_fetch" ("visit_id")')
    db.execute_sql('CREATE UNIQUE INDEX "outsidefetch_visit_id_plugin" ON "outside_fetch" ("visit_id", "plugin")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "outside_fetch"')
    db.execute_sql('DROP TABLE "outside_file"')

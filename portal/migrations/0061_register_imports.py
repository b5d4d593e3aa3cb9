"""Imports of the register with their files and changes, and since when somebody is no longer in the scheme."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, json, blob = ('DATETIME', 'TEXT', 'BLOB') if is_sqlite else ('TIMESTAMP', 'JSONB', 'BYTEA')
    yes_or_no = 'INTEGER' if is_sqlite else 'BOOLEAN'
    batch = 'FOREIGN KEY ("batch_id") REFERENCES "register_import" ("id") ON DELETE CASCADE'
    db.execute_sql('ALTER TABLE "register_entry" ADD COLUMN "left_on" DATE')
    db.execute_sql(
        f'CREATE TABLE "register_import" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "file" VARCHAR(120) NOT NULL, '
        f'"state" VARCHAR(10) NOT NULL, "language" VARCHAR(12) NOT NULL, "columns" {json} NOT NULL, '
        f'"sample" {json} NOT NULL, "mapping" {json} NOT NULL, "day_first" {yes_or_no} NOT NULL, '
        f'"counts" {json} NOT NULL, "cursor" INTEGER NOT NULL, "compared" VARCHAR(10) NOT NULL, '
        '"total" INTEGER NOT NULL, "done" INTEGER NOT NULL, "kept" INTEGER NOT NULL, '
        f'"marks_gone" {yes_or_no} NOT NULL, "problem" VARCHAR(20) NOT NULL, "asked_by_id" INTEGER, '
        f'"asked_at" {moment} NOT NULL, "confirmed_by_id" INTEGER, "confirmed_at" {moment}, "finished_at" {moment}, '
        f'"undone_by_id" INTEGER, "undone_at" {moment}, "lease_until" {moment}, "tries" INTEGER NOT NULL, '
        f'"next_at" {moment}, FOREIGN KEY ("asked_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("confirmed_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("undone_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "register_import_uid" ON "register_import" ("uid")')
    for name in ('asked_by', 'confirmed_by', 'undone_by'):
        db.execute_sql(f'CREATE INDEX "register_import_{name}_id" ON "register_import" ("{name}_id")')
    db.execute_sql(
        f'CREATE TABLE "register_upload" ("id" {key}, "batch_id" INTEGER NOT NULL, "content" {blob} NOT NULL, {batch})'
    )
    db.execute_sql('CREATE UNIQUE INDEX "register_upload_batch_id" ON "register_upload" ("batch_id")')
    db.execute_sql(
        f'CREATE TABLE "register_change" ("id" {key}, "batch_id" INTEGER NOT NULL, "line" INTEGER, '
        f'"ben_id" VARCHAR(10) NOT NULL, "kind" VARCHAR(8) NOT NULL, "before" {json} NOT NULL, '
        f'"after" {json} NOT NULL, "outcome" VARCHAR(8) NOT NULL, "reason" TEXT NOT NULL, {batch})'
    )
    db.execute_sql('CREATE INDEX "register_change_batch_id" ON "register_change" ("batch_id")')
    for columns in (('batch_id', 'kind', 'id'), ('batch_id', 'ben_id'), ('ben_id', 'id')):
        listed = ', '.join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE INDEX "register_change_{"_".join(columns)}" ON "register_change" ({listed})')


def down(migrator, db):
    for table in ('register_change', 'register_upload', 'register_import'):
        db.execute_sql(f'DROP TABLE "{table}"')
    migrator.migrate(migrator.drop_column('register_entry', 'left_on'))

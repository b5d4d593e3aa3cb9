"""Files of lists that wait for a confirmation, and who answers for a version of the formulary."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, json = ('DATETIME', 'TEXT') if is_sqlite else ('TIMESTAMP', 'JSONB')
    db.execute_sql('ALTER TABLE "formulary_version" ADD COLUMN "signed_by" VARCHAR(120) NOT NULL DEFAULT \'\'')
    db.execute_sql(
        f'CREATE TABLE "list_draft" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "kind" VARCHAR(20) NOT NULL, '
        f'"file" VARCHAR(120) NOT NULL, "back_to" INTEGER, "lines" {json} NOT NULL, "base" INTEGER NOT NULL, '
        f'"asked_by_id" INTEGER NOT NULL, "asked_at" {moment} NOT NULL, '
        'FOREIGN KEY ("asked_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "listdraft_uid" ON "list_draft" ("uid")')
    for column in ('asked_by_id', 'asked_at'):
        db.execute_sql(f'CREATE INDEX "listdraft_{column}" ON "list_draft" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "list_draft"')
    migrator.migrate(migrator.drop_column('formulary_version', 'signed_by'))

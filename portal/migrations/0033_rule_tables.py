"""Tables of law and safety can be imported."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "rule_table" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "number" INTEGER NOT NULL, '
        '"name" VARCHAR(20) NOT NULL, "content" TEXT NOT NULL, "signed_by" VARCHAR(120) NOT NULL, '
        f'"imported_at" {moment} NOT NULL, "imported_by" VARCHAR(60) NOT NULL, "file" VARCHAR(120) NOT NULL)'
    )
    for column in ('uid', 'number'):
        db.execute_sql(f'CREATE UNIQUE INDEX "ruletable_{column}" ON "rule_table" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "rule_table"')

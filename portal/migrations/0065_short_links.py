"""Short links of the text "it is your turn"."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "short_link" ("id" {key}, "key_hash" VARCHAR(64) NOT NULL, "visit_id" INTEGER NOT NULL, '
        f'"expires_at" {moment} NOT NULL, "used_at" {moment}, '
        'FOREIGN KEY ("visit_id") REFERENCES "visit" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "shortlink_key_hash" ON "short_link" ("key_hash")')
    for column in ('visit_id', 'expires_at'):
        db.execute_sql(f'CREATE INDEX "shortlink_{column}" ON "short_link" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "short_link"')

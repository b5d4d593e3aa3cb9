"""History of the clinic's settings."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "setting_change" ("id" {key}, "key" VARCHAR(60) NOT NULL, "before" VARCHAR(200) NOT NULL, '
        f'"after" VARCHAR(200) NOT NULL, "staff_id" INTEGER, "at" {moment} NOT NULL, '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE INDEX "settingchange_staff_id" ON "setting_change" ("staff_id")')
    db.execute_sql('CREATE INDEX "settingchange_key_id" ON "setting_change" ("key", "id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "setting_change"')

"""Templates of medicine rows and phrases that a doctor keeps."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    kind, moment = ('TEXT', 'DATETIME') if is_sqlite else ('JSONB', 'TIMESTAMP')
    db.execute_sql(
        f'CREATE TABLE "shortcut" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "doctor_id" INTEGER NOT NULL, '
        '"kind" VARCHAR(12) NOT NULL, "name" VARCHAR(60) NOT NULL, "text" VARCHAR(500) NOT NULL, '
        f'"text_hi" VARCHAR(500) NOT NULL, "rows" {kind} NOT NULL, "at" {moment} NOT NULL, '
        'FOREIGN KEY ("doctor_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "shortcut_uid" ON "shortcut" ("uid")')
    db.execute_sql('CREATE INDEX "shortcut_doctor_id" ON "shortcut" ("doctor_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "shortcut"')

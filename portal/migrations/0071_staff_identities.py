"""Identities elsewhere with which staff sign in."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "staff_identity" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "staff_id" INTEGER NOT NULL, '
        '"plugin" VARCHAR(40) NOT NULL, "known_as" VARCHAR(200) NOT NULL, "subject" VARCHAR(200), '
        f'"created_at" {moment} NOT NULL, "used_at" {moment}, '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "staffidentity_uid" ON "staff_identity" ("uid")')
    db.execute_sql('CREATE INDEX "staffidentity_staff_id" ON "staff_identity" ("staff_id")')
    for column in ('known_as', 'subject'):
        db.execute_sql(
            f'CREATE UNIQUE INDEX "staffidentity_plugin_{column}" ON "staff_identity" ("plugin", "{column}")'
        )


def down(migrator, db):
    db.execute_sql('DROP TABLE "staff_identity"')

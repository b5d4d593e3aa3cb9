"""A cancelling by an administrator may wait for a second one."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "cancel_request" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "prescription_id" INTEGER NOT NULL, '
        f'"reason" VARCHAR(200) NOT NULL, "asked_by_id" INTEGER NOT NULL, "asked_at" {moment} NOT NULL, '
        'FOREIGN KEY ("prescription_id") REFERENCES "prescription" ("id"), '
        'FOREIGN KEY ("asked_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "cancelrequest_uid" ON "cancel_request" ("uid")')
    db.execute_sql('CREATE UNIQUE INDEX "cancelrequest_prescription_id" ON "cancel_request" ("prescription_id")')
    db.execute_sql('CREATE INDEX "cancelrequest_asked_by_id" ON "cancel_request" ("asked_by_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "cancel_request"')

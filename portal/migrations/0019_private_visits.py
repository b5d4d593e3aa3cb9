"""A specialty may be private within the family; one-time codes open its past visits."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    no = '0' if is_sqlite else 'false'
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "specialty" ADD COLUMN "is_private" BOOLEAN NOT NULL DEFAULT {no}')
    mark = 'UPDATE "specialty" SET "is_private" = ? WHERE "code" = ?'
    db.execute_sql(mark if is_sqlite else mark.replace('?', '%s'), (True, 'psychiatry'))
    db.execute_sql(
        f'CREATE TABLE "visit_code" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "beneficiary_id" INTEGER NOT NULL, '
        f'"nonce" VARCHAR(32) NOT NULL, "given_by_id" INTEGER NOT NULL, "created_at" {moment} NOT NULL, '
        f'"expires_at" {moment} NOT NULL, "used_at" {moment}, "sign_in_id" INTEGER, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"), '
        'FOREIGN KEY ("given_by_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("sign_in_id") REFERENCES "sign_in" ("id") ON DELETE SET NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "visitcode_uid" ON "visit_code" ("uid")')
    for column in ('beneficiary_id', 'given_by_id', 'sign_in_id'):
        db.execute_sql(f'CREATE INDEX "visitcode_{column}" ON "visit_code" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "visit_code"')
    migrator.migrate(migrator.drop_column('specialty', 'is_private'))

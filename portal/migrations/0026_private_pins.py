"""A person's own PIN opens private visits, and what is open is a row of its own."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "pin" ("id" {key}, "beneficiary_id" INTEGER NOT NULL, "pin_hash" VARCHAR(200) NOT NULL, '
        f'"set_at" {moment} NOT NULL, FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "pin_beneficiary_id" ON "pin" ("beneficiary_id")')
    db.execute_sql(
        f'CREATE TABLE "private_opening" ("id" {key}, "beneficiary_id" INTEGER NOT NULL, '
        f'"sign_in_id" INTEGER NOT NULL, "opened_at" {moment} NOT NULL, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"), '
        'FOREIGN KEY ("sign_in_id") REFERENCES "sign_in" ("id") ON DELETE CASCADE)'
    )
    for column in ('beneficiary_id', 'sign_in_id'):
        db.execute_sql(f'CREATE INDEX "privateopening_{column}" ON "private_opening" ("{column}")')
    db.execute_sql(
        'INSERT INTO "private_opening" ("beneficiary_id", "sign_in_id", "opened_at") '
        'SELECT "beneficiary_id", "sign_in_id", "used_at" FROM "visit_code" '
        'WHERE "used_at" IS NOT NULL AND "sign_in_id" IS NOT NULL'
    )


def down(migrator, db):
    db.execute_sql('DROP TABLE "private_opening"')
    db.execute_sql('DROP TABLE "pin"')

"""Whoever asks for a token of a private specialty is offered a PIN for that person, in that sign-in, for a while."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "pin_offer" ("id" {key}, "beneficiary_id" INTEGER NOT NULL, "sign_in_id" INTEGER NOT NULL, '
        f'"offered_at" {moment} NOT NULL, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"), '
        'FOREIGN KEY ("sign_in_id") REFERENCES "sign_in" ("id") ON DELETE CASCADE)'
    )
    for column in ('beneficiary_id', 'sign_in_id'):
        db.execute_sql(f'CREATE INDEX "pinoffer_{column}" ON "pin_offer" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "pin_offer"')

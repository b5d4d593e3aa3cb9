"""Officers note the specialists' answers; referrals have a slip as PDF."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "referral" ADD COLUMN "answer_noted_at" {moment}')
    db.execute_sql(
        f'CREATE TABLE "referral_slip" ("id" {key}, "referral_id" INTEGER NOT NULL, "edition" INTEGER NOT NULL, '
        f'"sha256" VARCHAR(64) NOT NULL, "stored_at" {moment}, "lease_until" {moment}, "tries" INTEGER NOT NULL, '
        f'"next_at" {moment}, FOREIGN KEY ("referral_id") REFERENCES "referral" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "referralslip_referral_id" ON "referral_slip" ("referral_id")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "referral_slip"')
    migrator.migrate(migrator.drop_column('referral', 'answer_noted_at'))

"""Reminders: of referrals that end, and of follow-ups."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "referral" ADD COLUMN "ending_told_at" {moment}')
    db.execute_sql('CREATE INDEX "referral_valid_until" ON "referral" ("valid_until")')
    db.execute_sql('CREATE INDEX "consult_follow_up_on" ON "consult" ("follow_up_on")')
    db.execute_sql(
        f'CREATE TABLE "follow_up_reminder" ("id" {key}, "visit_id" INTEGER NOT NULL, "day" DATE NOT NULL, '
        f'"at" {moment} NOT NULL, FOREIGN KEY ("visit_id") REFERENCES "visit" ("id"))'
    )
    db.execute_sql('CREATE INDEX "followupreminder_visit_id" ON "follow_up_reminder" ("visit_id")')
    db.execute_sql('CREATE UNIQUE INDEX "followupreminder_visit_id_day" ON "follow_up_reminder" ("visit_id", "day")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "follow_up_reminder"')
    db.execute_sql('DROP INDEX "consult_follow_up_on"')
    db.execute_sql('DROP INDEX "referral_valid_until"')
    migrator.migrate(migrator.drop_column('referral', 'ending_told_at'))

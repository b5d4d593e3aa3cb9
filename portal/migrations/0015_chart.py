"""The chart: allergies, problems and told medicines of a person; the last period stands in the notes."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "chart_entry" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "beneficiary_id" INTEGER NOT NULL, '
        '"kind" VARCHAR(10) NOT NULL, "name" VARCHAR(120) NOT NULL, "detail" VARCHAR(120) NOT NULL, '
        '"grade" VARCHAR(12) NOT NULL, "since" VARCHAR(40) NOT NULL, "state" VARCHAR(8) NOT NULL, '
        f'"noted_at" {moment} NOT NULL, "noted_by_id" INTEGER NOT NULL, "ended_at" {moment}, "ended_by_id" INTEGER, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"), '
        'FOREIGN KEY ("noted_by_id") REFERENCES "staff" ("id"), FOREIGN KEY ("ended_by_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "chartentry_uid" ON "chart_entry" ("uid")')
    for column in ('beneficiary_id', 'noted_by_id', 'ended_by_id'):
        db.execute_sql(f'CREATE INDEX "chartentry_{column}" ON "chart_entry" ("{column}")')
    db.execute_sql('ALTER TABLE "consult" ADD COLUMN "last_period_on" DATE')


def down(migrator, db):
    db.execute_sql('DROP TABLE "chart_entry"')
    migrator.migrate(migrator.drop_column('consult', 'last_period_on'))

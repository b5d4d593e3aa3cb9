"""The family asks for a referral; requests and referrals have records, also of people who have not registered yet."""

from peewee import SqliteDatabase

OWNED = (('record', 'request', 'referral_request'), ('record', 'referral', 'referral'), ('held_upload', 'staff', 'staff'))


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "referral_request" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "beneficiary_id" INTEGER NOT NULL, '
        '"specialty_id" INTEGER NOT NULL, "complaint" VARCHAR(500) NOT NULL, "state" VARCHAR(10) NOT NULL, '
        f'"asked_at" {moment} NOT NULL, "answered_at" {moment}, "officer_id" INTEGER, "answer" VARCHAR(500) NOT NULL, '
        '"referral_id" INTEGER, "open_key" VARCHAR(24), '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id"), '
        'FOREIGN KEY ("specialty_id") REFERENCES "specialty" ("id"), '
        'FOREIGN KEY ("officer_id") REFERENCES "staff" ("id"), '
        'FOREIGN KEY ("referral_id") REFERENCES "referral" ("id"))'
    )
    for column in ('uid', 'open_key'):
        db.execute_sql(f'CREATE UNIQUE INDEX "referralrequest_{column}" ON "referral_request" ("{column}")')
    for column in ('beneficiary_id', 'specialty_id', 'state', 'officer_id', 'referral_id'):
        db.execute_sql(f'CREATE INDEX "referralrequest_{column}" ON "referral_request" ("{column}")')
    # On SQLite this makes both tables anew; nothing refers to either.
    migrator.migrate(
        migrator.drop_not_null('record', 'beneficiary_id'), migrator.drop_not_null('held_upload', 'account_id')
    )
    for table, column, other in OWNED:
        gone = ' ON DELETE CASCADE' if table == 'held_upload' else ''
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}_id" INTEGER REFERENCES "{other}" ("id"){gone}')
        db.execute_sql(f'CREATE INDEX "{table.replace("_", "")}_{column}_id" ON "{table}" ("{column}_id")')


def down(migrator, db):
    # What has no account or person cannot be told by the older version.
    db.execute_sql('DELETE FROM "record" WHERE "beneficiary_id" IS NULL')
    db.execute_sql('DELETE FROM "held_upload" WHERE "account_id" IS NULL')
    for table, column, _other in OWNED:
        migrator.migrate(migrator.drop_column(table, f'{column}_id'))
    migrator.migrate(
        migrator.add_not_null('record', 'beneficiary_id'), migrator.add_not_null('held_upload', 'account_id')
    )
    db.execute_sql('DROP TABLE "referral_request"')

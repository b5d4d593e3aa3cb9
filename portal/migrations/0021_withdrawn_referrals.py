"""A withdrawn referral says who withdrew it and why."""


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    db.execute_sql('ALTER TABLE "referral" ADD COLUMN "cancelled_by_id" INTEGER REFERENCES "staff" ("id")')
    db.execute_sql('ALTER TABLE "referral" ADD COLUMN "cancel_reason" VARCHAR(200) NOT NULL DEFAULT \'\'')
    db.execute_sql('CREATE INDEX "referral_cancelled_by_id" ON "referral" ("cancelled_by_id")')


def down(migrator, db):
    for column in ('cancel_reason', 'cancelled_by_id'):
        migrator.migrate(migrator.drop_column('referral', column))

"""Events know the request that caused them, and sign-ins that are valid are counted."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "event" ADD COLUMN "request_id" VARCHAR(64) NOT NULL DEFAULT \'\'')
    db.execute_sql('CREATE INDEX "sign_in_ends_at" ON "sign_in" ("ends_at")')


def down(migrator, db):
    db.execute_sql('DROP INDEX "sign_in_ends_at"')
    db.execute_sql('ALTER TABLE "event" DROP COLUMN "request_id"')

"""A text knows the request that caused it, so that a retry by the sweep is logged under that one, too."""

EXPANDS = True


def up(migrator, db):
    db.execute_sql('ALTER TABLE "message" ADD COLUMN "request_id" VARCHAR(64) NOT NULL DEFAULT \'\'')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "message" DROP COLUMN "request_id"')

"""How far a worker's own clock is from the database's."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "worker" ADD COLUMN "skew_ms" BIGINT NOT NULL DEFAULT 0')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "worker" DROP COLUMN "skew_ms"')

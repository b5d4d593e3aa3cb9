"""A visit knows that its prescription is issued, without asking prescriptions."""

from peewee import SqliteDatabase

ISSUED = """
UPDATE "visit" SET "issued_at" = (SELECT "issued_at" FROM "prescription" WHERE "prescription"."visit_id" = "visit"."id")
WHERE "id" IN (SELECT "visit_id" FROM "prescription")
"""


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "visit" ADD COLUMN "issued_at" {moment}')
    db.execute_sql(ISSUED)


def down(migrator, db):
    db.execute_sql('ALTER TABLE "visit" DROP COLUMN "issued_at"')

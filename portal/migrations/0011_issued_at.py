"""A visit knows that its prescription is issued; the listener that closes rooms has the name of its new room."""

from peewee import SqliteDatabase

ISSUED = """
UPDATE "visit" SET "issued_at" = (SELECT "issued_at" FROM "prescription" WHERE "prescription"."visit_id" = "visit"."id")
WHERE "id" IN (SELECT "visit_id" FROM "prescription")
"""
RENAMED = """
UPDATE "delivery" SET "listener" = '{new}.close_rooms' WHERE "listener" = '{old}.close_rooms'
"""


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "visit" ADD COLUMN "issued_at" {moment}')
    db.execute_sql(ISSUED)
    db.execute_sql(RENAMED.format(old="consults", new="calls"))


def down(migrator, db):
    db.execute_sql(RENAMED.format(old="calls", new="consults"))
    db.execute_sql('ALTER TABLE "visit" DROP COLUMN "issued_at"')

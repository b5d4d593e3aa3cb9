"""Mobiles that a desk corrected, and until when the new number reads nothing."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(f'ALTER TABLE "beneficiary" ADD COLUMN "held_until" {moment}')
    db.execute_sql(
        f'CREATE TABLE "mobile_change" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "entry_id" INTEGER NOT NULL, '
        '"old" VARCHAR(16) NOT NULL, "new" VARCHAR(16) NOT NULL, "staff_id" INTEGER NOT NULL, '
        f'"changed_at" {moment} NOT NULL, "ends_at" {moment} NOT NULL, "stopped_at" {moment}, '
        'FOREIGN KEY ("entry_id") REFERENCES "register_entry" ("id") ON DELETE CASCADE, '
        'FOREIGN KEY ("staff_id") REFERENCES "staff" ("id"))'
    )
    db.execute_sql('CREATE UNIQUE INDEX "mobilechange_uid" ON "mobile_change" ("uid")')
    for column in ('entry_id', 'old', 'staff_id', 'changed_at'):
        db.execute_sql(f'CREATE INDEX "mobilechange_{column}" ON "mobile_change" ("{column}")')


def down(migrator, db):
    db.execute_sql('DROP TABLE "mobile_change"')
    migrator.migrate(migrator.drop_column('beneficiary', 'held_until'))

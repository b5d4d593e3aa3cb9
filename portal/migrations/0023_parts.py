"""A medicine knows until when it can be collected, and whether it is for a long-standing illness.

Those that are issued keep the last day that their paper prints; a long course counts as for a long-standing illness.
"""

from peewee import SqliteDatabase

LONG_COURSE = 30  # days


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    no = '0' if is_sqlite else 'false'
    db.execute_sql(f'ALTER TABLE "prescribed_item" ADD COLUMN "chronic" BOOLEAN NOT NULL DEFAULT {no}')
    db.execute_sql('ALTER TABLE "prescribed_item" ADD COLUMN "valid_until" DATE NOT NULL DEFAULT \'1970-01-01\'')
    db.execute_sql(
        'UPDATE "prescribed_item" SET "valid_until" = (SELECT "valid_until" FROM "prescription" '
        'WHERE "prescription"."id" = "prescribed_item"."prescription_id")'
    )
    mark = 'UPDATE "prescribed_item" SET "chronic" = ? WHERE "duration_days" > ?'
    db.execute_sql(mark if is_sqlite else mark.replace('?', '%s'), (True, LONG_COURSE))


def down(migrator, db):
    for name in ('valid_until', 'chronic'):
        migrator.migrate(migrator.drop_column('prescribed_item', name))

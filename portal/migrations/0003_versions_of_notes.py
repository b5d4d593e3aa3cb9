"""Notes have a version and keep what cannot be read; a prescribed medicine's instructions may name a reason."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql('ALTER TABLE "consult" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 0')
    kind, empty = ('TEXT', "'{}'") if is_sqlite else ('JSONB', "'{}'::jsonb")
    db.execute_sql(f'ALTER TABLE "consult" ADD COLUMN "unread" {kind} NOT NULL DEFAULT {empty}')
    if not is_sqlite:  # SQLite knows no lengths
        db.execute_sql('ALTER TABLE "prescribed_item" ALTER COLUMN "instructions" TYPE VARCHAR(400)')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('consult', 'version'), migrator.drop_column('consult', 'unread'))

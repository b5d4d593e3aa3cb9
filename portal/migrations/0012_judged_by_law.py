"""What decided over each medicine is kept with it; notes may say when the doctor saw the patient in person."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    kind, empty = ('TEXT', "'{}'") if is_sqlite else ('JSONB', "'{}'::jsonb")
    db.execute_sql(f'ALTER TABLE "prescribed_item" ADD COLUMN "judged" {kind} NOT NULL DEFAULT {empty}')
    db.execute_sql('ALTER TABLE "consult" ADD COLUMN "seen_in_person_on" DATE')
    if not is_sqlite:  # SQLite knows no lengths
        db.execute_sql('ALTER TABLE "prescribed_item" ALTER COLUMN "instructions" TYPE VARCHAR(500)')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('prescribed_item', 'judged'), migrator.drop_column('consult', 'seen_in_person_on'))

"""Notes say who was present: the patient or a caregiver, the adult of a minor, and when this adult agreed."""

from peewee import SqliteDatabase


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    kind, empty, moment = ('TEXT', "'{}'", 'DATETIME') if is_sqlite else ('JSONB', "'{}'::jsonb", 'TIMESTAMP')
    db.execute_sql("ALTER TABLE \"consult\" ADD COLUMN \"present\" VARCHAR(10) NOT NULL DEFAULT ''")
    db.execute_sql(f'ALTER TABLE "consult" ADD COLUMN "guardian" {kind} NOT NULL DEFAULT {empty}')
    db.execute_sql(f'ALTER TABLE "consult" ADD COLUMN "consent_at" {moment}')


def down(migrator, db):
    for name in ('consent_at', 'guardian', 'present'):
        migrator.migrate(migrator.drop_column('consult', name))

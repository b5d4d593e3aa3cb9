"""How often a prescription's file was tried, when next, and why not yet; when people were told of a misprint."""

from peewee import DateTimeField


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    db.execute_sql('ALTER TABLE "prescription" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0')
    db.execute_sql('ALTER TABLE "prescription" ADD COLUMN "failure" VARCHAR(200) NOT NULL DEFAULT \'\'')
    migrator.migrate(
        migrator.add_column('prescription', 'next_at', DateTimeField(null=True)),
        migrator.add_column('prescription', 'misprint_told_at', DateTimeField(null=True)),
    )


def down(migrator, db):
    migrator.migrate(*[
        migrator.drop_column('prescription', name)
        for name in ('tries', 'failure', 'next_at', 'misprint_told_at')
    ])

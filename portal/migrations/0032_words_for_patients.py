"""The diagnosis in plain words, what each medicine is for; files are found by their checksum."""


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    db.execute_sql('ALTER TABLE "consult" ADD COLUMN "plain" TEXT NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "prescribed_item" ADD COLUMN "purpose" VARCHAR(80) NOT NULL DEFAULT \'\'')
    db.execute_sql('CREATE INDEX "prescription_sha256" ON "prescription" ("sha256")')


def down(migrator, db):
    db.execute_sql('DROP INDEX "prescription_sha256"')
    migrator.migrate(migrator.drop_column('prescribed_item', 'purpose'))
    migrator.migrate(migrator.drop_column('consult', 'plain'))

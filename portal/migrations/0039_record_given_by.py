"""A record may be one that a doctor gives the patient during the visit."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "record" ADD COLUMN "given_by_id" INTEGER REFERENCES "staff" ("id")')
    db.execute_sql('CREATE INDEX "record_given_by_id" ON "record" ("given_by_id")')


def down(migrator, db):
    # To the older version they would be the family's own.
    db.execute_sql('DELETE FROM "preview" WHERE "record_id" IN (SELECT "id" FROM "record" WHERE "given_by_id" IS NOT NULL)')
    db.execute_sql('DELETE FROM "record" WHERE "given_by_id" IS NOT NULL')
    migrator.migrate(migrator.drop_column('record', 'given_by_id'))

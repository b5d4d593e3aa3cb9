"""Each import of the formulary is a version; a medicine has its brands, its substances and its sources."""

from datetime import UTC, datetime

from peewee import SqliteDatabase

from portal.base.keys import random_uid

INSERT = """INSERT INTO "formulary_version"
    ("uid", "number", "imported_at", "imported_by", "file", "added", "changed", "removed")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
TEXTS = {'brands': 600, 'substances': 300, 'source': 300, 'class_source': 300}


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    key, moment = (
        ('INTEGER NOT NULL PRIMARY KEY', 'DATETIME') if is_sqlite else ('SERIAL NOT NULL PRIMARY KEY', 'TIMESTAMP')
    )
    db.execute_sql(
        f'CREATE TABLE "formulary_version" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "number" INTEGER NOT NULL, '
        f'"imported_at" {moment} NOT NULL, "imported_by" VARCHAR(60) NOT NULL, "file" VARCHAR(120) NOT NULL, '
        '"added" INTEGER NOT NULL, "changed" INTEGER NOT NULL, "removed" INTEGER NOT NULL)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "formularyversion_uid" ON "formulary_version" ("uid")')
    db.execute_sql('CREATE UNIQUE INDEX "formularyversion_number" ON "formulary_version" ("number")')
    for name, longest in TEXTS.items():
        db.execute_sql(f'ALTER TABLE "drug" ADD COLUMN "{name}" VARCHAR({longest}) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "drug" ADD COLUMN "since" INTEGER NOT NULL DEFAULT 1')
    db.execute_sql('ALTER TABLE "drug" ADD COLUMN "until" INTEGER')
    if not is_sqlite:  # SQLite knows no lengths
        db.execute_sql('ALTER TABLE "drug" ALTER COLUMN "strengths" TYPE VARCHAR(300)')
    db.execute_sql('DROP INDEX "drug_name_form"')
    db.execute_sql('CREATE UNIQUE INDEX "drug_name_form_since" ON "drug" ("name", "form", "since")')
    _first_version(db)


def down(migrator, db):
    db.execute_sql('DELETE FROM "drug" WHERE "until" IS NOT NULL')
    db.execute_sql('DROP INDEX "drug_name_form_since"')
    for name in (*TEXTS, 'since', 'until'):
        db.execute_sql(f'ALTER TABLE "drug" DROP COLUMN "{name}"')
    db.execute_sql('CREATE UNIQUE INDEX "drug_name_form" ON "drug" ("name", "form")')
    db.execute_sql('DROP TABLE "formulary_version"')


def _first_version(db):
    """What a site has already is version 1."""
    (count,) = db.execute_sql('SELECT COUNT(*) FROM "drug"').fetchone()
    if count:
        insert = INSERT if isinstance(db, SqliteDatabase) else INSERT.replace('?', '%s')
        db.execute_sql(
            insert,
            (random_uid(), 1, datetime.now(UTC).replace(tzinfo=None), 'before versions', '', count, 0, 0),
        )

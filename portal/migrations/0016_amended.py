"""A visit may have several versions of its prescription, and of its notes: a correction overwrites nothing."""

from peewee import SqliteDatabase

COLUMNS = {
    "prescription": (
        '"replaces_id" INTEGER REFERENCES "prescription" ("id")',
        '"replaced_at" {moment}',
        "\"reason\" VARCHAR(200) NOT NULL DEFAULT ''",
        '"cancelled_by_id" INTEGER REFERENCES "staff" ("id")',
        "\"cancel_reason\" VARCHAR(200) NOT NULL DEFAULT ''",
    ),
    "prescribed_item": ('"carried" INTEGER NOT NULL DEFAULT 0',),
    "consult": (
        '"edition" INTEGER NOT NULL DEFAULT 1',
        "\"amended_because\" VARCHAR(200) NOT NULL DEFAULT ''",
        '"withdrawn_at" {moment}',
    ),
}
INDEXES = """
DROP INDEX "prescription_visit_id"
CREATE INDEX "prescription_visit_id" ON "prescription" ("visit_id")
CREATE UNIQUE INDEX "prescription_visit_id_version" ON "prescription" ("visit_id", "version")
CREATE UNIQUE INDEX "prescription_newest" ON "prescription" ("visit_id") WHERE "replaced_at" IS NULL
CREATE UNIQUE INDEX "prescription_replaces_id" ON "prescription" ("replaces_id")
CREATE INDEX "prescription_cancelled_by_id" ON "prescription" ("cancelled_by_id")
DROP INDEX "consult_visit_id"
CREATE INDEX "consult_visit_id" ON "consult" ("visit_id")
CREATE UNIQUE INDEX "consult_visit_id_edition" ON "consult" ("visit_id", "edition")
""".strip().splitlines()
BACK = """
DROP INDEX "consult_visit_id_edition"
DROP INDEX "consult_visit_id"
CREATE UNIQUE INDEX "consult_visit_id" ON "consult" ("visit_id")
DROP INDEX "prescription_cancelled_by_id"
DROP INDEX "prescription_replaces_id"
DROP INDEX "prescription_newest"
DROP INDEX "prescription_visit_id_version"
DROP INDEX "prescription_visit_id"
CREATE UNIQUE INDEX "prescription_visit_id" ON "prescription" ("visit_id")
""".strip().splitlines()


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column.format(moment=moment)}')
    for statement in INDEXES:
        db.execute_sql(statement)


def down(migrator, db):
    # Refused by the database once a visit has two versions: neither may be lost.
    for statement in BACK:
        db.execute_sql(statement)
    for table, columns in COLUMNS.items():
        for column in columns:
            name = column.split('"')[1]
            migrator.migrate(migrator.drop_column(table, name))

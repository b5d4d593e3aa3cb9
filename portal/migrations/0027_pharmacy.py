"""The pharmacy: the representative's identity, other brands, reversal, and indents on the chemist."""

from peewee import SqliteDatabase

COLUMNS = {
    'dispensing': (
        '"identity_kind" VARCHAR(12) NOT NULL DEFAULT \'\'',
        '"identity_last4" VARCHAR(4) NOT NULL DEFAULT \'\'',
        '"reversed_at" {moment}',
        '"reversed_by_id" INTEGER REFERENCES "staff" ("id")',
        '"reverse_reason" VARCHAR(200) NOT NULL DEFAULT \'\'',
    ),
    'dispensed_item': (
        '"brand" VARCHAR(120) NOT NULL DEFAULT \'\'',
        '"brand_reason" VARCHAR(120) NOT NULL DEFAULT \'\'',
    ),
}
INDENT = """CREATE TABLE "indent" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "number" VARCHAR(24) NOT NULL,
"prescription_id" INTEGER NOT NULL REFERENCES "prescription" ("id"),
"item_id" INTEGER NOT NULL REFERENCES "prescribed_item" ("id"),
"centre_id" INTEGER NOT NULL REFERENCES "centre" ("id"), "pharmacist_id" INTEGER NOT NULL REFERENCES "staff" ("id"),
"quantity" INTEGER NOT NULL, "state" VARCHAR(10) NOT NULL, "at" {moment} NOT NULL, "until" DATE NOT NULL,
"ready_at" {moment}, "ended_at" {moment}, "reason" VARCHAR(200) NOT NULL,
"dispensing_id" INTEGER REFERENCES "dispensing" ("id"))"""
INDEXES = """
CREATE INDEX "dispensing_reversed_by_id" ON "dispensing" ("reversed_by_id")
CREATE UNIQUE INDEX "indent_uid" ON "indent" ("uid")
CREATE UNIQUE INDEX "indent_number" ON "indent" ("number")
CREATE INDEX "indent_prescription_id" ON "indent" ("prescription_id")
CREATE INDEX "indent_item_id" ON "indent" ("item_id")
CREATE INDEX "indent_centre_id" ON "indent" ("centre_id")
CREATE INDEX "indent_pharmacist_id" ON "indent" ("pharmacist_id")
CREATE INDEX "indent_dispensing_id" ON "indent" ("dispensing_id")
CREATE INDEX "indent_centre_id_state" ON "indent" ("centre_id", "state")
CREATE INDEX "indent_state_until" ON "indent" ("state", "until")
""".strip().splitlines()


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    for table, columns in COLUMNS.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN {column.format(moment=moment)}')
    db.execute_sql(INDENT.format(key=key, moment=moment))
    for statement in INDEXES:
        db.execute_sql(statement)


def down(migrator, db):
    db.execute_sql('DROP TABLE "indent"')
    db.execute_sql('DROP INDEX "dispensing_reversed_by_id"')
    for table, columns in COLUMNS.items():
        for column in columns:
            migrator.migrate(migrator.drop_column(table, column.split('"')[1]))

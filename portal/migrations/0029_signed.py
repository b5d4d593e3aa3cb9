"""Prescriptions are signed: where the signature stands, later files (signed belatedly, stamped), and the certificates."""

from peewee import SqliteDatabase

COLUMNS = ("\"signature\" VARCHAR(4) NOT NULL DEFAULT ''", "\"signed_by\" VARCHAR(200) NOT NULL DEFAULT ''")
TABLES = """
CREATE TABLE "prescription_file" ("id" {key}, "prescription_id" INTEGER NOT NULL, "kind" VARCHAR(10) NOT NULL,
 "stored_name" VARCHAR(40) NOT NULL, "sha256" VARCHAR(64) NOT NULL, "signed_by" VARCHAR(200) NOT NULL,
 "made_at" {moment} NOT NULL, FOREIGN KEY ("prescription_id") REFERENCES "prescription" ("id"));
CREATE UNIQUE INDEX "prescription_file_stored_name" ON "prescription_file" ("stored_name");
CREATE INDEX "prescription_file_sha256" ON "prescription_file" ("sha256");
CREATE INDEX "prescription_file_prescription_id" ON "prescription_file" ("prescription_id");
CREATE TABLE "signing_certificate" ("id" {key}, "owner" VARCHAR(60) NOT NULL, "subject" VARCHAR(200) NOT NULL,
 "issuer" VARCHAR(400) NOT NULL, "serial" VARCHAR(60) NOT NULL, "valid_from" {moment}, "valid_until" {moment},
 "problem" VARCHAR(300) NOT NULL, "seen_at" {moment} NOT NULL);
CREATE UNIQUE INDEX "signing_certificate_owner" ON "signing_certificate" ("owner")
""".strip().split(";\n")


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    for column in COLUMNS:
        db.execute_sql(f'ALTER TABLE "prescription" ADD COLUMN {column}')
    db.execute_sql('CREATE INDEX "prescription_signature" ON "prescription" ("signature")')
    for statement in TABLES:
        db.execute_sql(statement.format(key=key, moment=moment))


def down(migrator, db):
    db.execute_sql('DROP TABLE "signing_certificate"')
    db.execute_sql('DROP TABLE "prescription_file"')
    db.execute_sql('DROP INDEX "prescription_signature"')
    for column in COLUMNS:
        migrator.migrate(migrator.drop_column("prescription", column.split('"')[1]))

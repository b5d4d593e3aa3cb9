"""Identities of people elsewhere, as a plugin has verified them."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "person_identity" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "beneficiary_id" INTEGER NOT NULL, '
        '"plugin" VARCHAR(40) NOT NULL, "name" VARCHAR(60) NOT NULL, "system" VARCHAR(200) NOT NULL, '
        f'"number" VARCHAR(64) NOT NULL, "verified_by" VARCHAR(80) NOT NULL, "verified_at" {moment} NOT NULL, '
        'FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiary" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE UNIQUE INDEX "personidentity_uid" ON "person_identity" ("uid")')
    db.execute_sql('CREATE INDEX "personidentity_beneficiary_id" ON "person_identity" ("beneficiary_id")')
    for first, second in (('beneficiary_id', 'system'), ('system', 'number')):
        db.execute_sql(
            f'CREATE UNIQUE INDEX "personidentity_{first}_{second}" ON "person_identity" ("{first}", "{second}")'
        )


def down(migrator, db):
    db.execute_sql('DROP TABLE "person_identity"')

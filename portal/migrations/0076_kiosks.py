"""Devices of centres at which one person after another signs in, and the sign-ins begun there."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql("ALTER TABLE \"sign_in\" ADD COLUMN \"kiosk\" VARCHAR(64) NOT NULL DEFAULT ''")
    db.execute_sql(
        f'CREATE TABLE "kiosk" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "place" VARCHAR(80) NOT NULL, '
        f'"centre_id" INTEGER NOT NULL, "at" {moment} NOT NULL, "by_uid" VARCHAR(22) NOT NULL, '
        f'"code_hash" VARCHAR(64) NOT NULL, "code_until" {moment} NOT NULL, "key_hash" VARCHAR(64), '
        f'"paired_at" {moment}, "revoked_at" {moment}, FOREIGN KEY ("centre_id") REFERENCES "centre" ("id"))'
    )
    db.execute_sql(
        f'CREATE TABLE "handed_visit" ("id" {key}, "visit" VARCHAR(22) NOT NULL, "centre_id" INTEGER NOT NULL, '
        f'"code_hash" VARCHAR(64) NOT NULL, "until" {moment} NOT NULL, "used_at" {moment}, '
        'FOREIGN KEY ("centre_id") REFERENCES "centre" ("id"))'
    )
    for table, column, unique in INDEXES:
        db.execute_sql(f'CREATE {unique} INDEX "{table.replace("_", "")}_{column}" ON "{table}" ("{column}")')


INDEXES = (
    ('kiosk', 'uid', 'UNIQUE'),
    ('kiosk', 'centre_id', ''),
    ('kiosk', 'code_hash', ''),
    ('kiosk', 'key_hash', 'UNIQUE'),
    ('handed_visit', 'centre_id', ''),
    ('handed_visit', 'code_hash', ''),
    ('handed_visit', 'until', ''),
)


def down(migrator, db):
    db.execute_sql('DROP TABLE "handed_visit"')
    db.execute_sql('DROP TABLE "kiosk"')
    migrator.migrate(migrator.drop_column('sign_in', 'kiosk'))

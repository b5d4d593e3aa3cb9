"""Weekly patterns and days of doctors, hours and quota of a specialty, and the changes of rosters."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, json, yes_no = ('DATETIME', 'TEXT', 'INTEGER') if is_sqlite else ('TIMESTAMP', 'JSONB', 'BOOLEAN')
    doctor = '"doctor_id" INTEGER NOT NULL'
    of_doctor = 'FOREIGN KEY ("doctor_id") REFERENCES "staff" ("id")'
    of_specialty = 'FOREIGN KEY ("specialty_id") REFERENCES "specialty" ("id")'
    db.execute_sql(
        f'CREATE TABLE "specialty_hours" ("id" {key}, "specialty_id" INTEGER NOT NULL, "weekday" INTEGER, "day" DATE, '
        f'"is_open" {yes_no} NOT NULL, "opens_at" TIME, "closes_at" TIME, "quota" INTEGER, '
        f'"reason" VARCHAR(200) NOT NULL, {of_specialty})'
    )
    db.execute_sql(
        f'CREATE TABLE "doctor_week" ("id" {key}, {doctor}, "begins" DATE NOT NULL, "ends" DATE, '
        f'"days" VARCHAR(7) NOT NULL, {of_doctor})'
    )
    db.execute_sql(
        f'CREATE TABLE "doctor_day" ("id" {key}, {doctor}, "day" DATE NOT NULL, "part" VARCHAR(1) NOT NULL, '
        f'"reason" VARCHAR(200) NOT NULL, {of_doctor})'
    )
    db.execute_sql(
        f'CREATE TABLE "roster_change" ("id" {key}, "uid" VARCHAR(22) NOT NULL, "kind" VARCHAR(12) NOT NULL, '
        f'"specialty_id" INTEGER NOT NULL, "before" {json} NOT NULL, "after" {json} NOT NULL, "at" {moment} NOT NULL, '
        f'"by_id" INTEGER NOT NULL, "undoes_id" INTEGER, {of_specialty}, '
        'FOREIGN KEY ("by_id") REFERENCES "staff" ("id"), FOREIGN KEY ("undoes_id") REFERENCES "roster_change" ("id"))'
    )
    for table, columns, unique in INDEXES:
        listed = ', '.join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE {unique} INDEX "{table}_{"_".join(columns)}" ON "{table}" ({listed})')


INDEXES = (
    ('specialty_hours', ('specialty_id',), ''),
    ('specialty_hours', ('specialty_id', 'weekday'), 'UNIQUE'),
    ('specialty_hours', ('specialty_id', 'day'), 'UNIQUE'),
    ('doctor_week', ('doctor_id',), ''),
    ('doctor_week', ('doctor_id', 'begins'), 'UNIQUE'),
    ('doctor_day', ('doctor_id',), ''),
    ('doctor_day', ('day',), ''),
    ('doctor_day', ('doctor_id', 'day'), 'UNIQUE'),
    ('roster_change', ('uid',), 'UNIQUE'),
    ('roster_change', ('specialty_id',), ''),
    ('roster_change', ('by_id',), ''),
    ('roster_change', ('undoes_id',), 'UNIQUE'),
)


def down(migrator, db):
    for table in ('roster_change', 'doctor_day', 'doctor_week', 'specialty_hours'):
        db.execute_sql(f'DROP TABLE "{table}"')

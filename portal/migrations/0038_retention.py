"""Retention: runs with their reports, legal holds, who was cleared, files on their way out, closed accounts."""

from peewee import SqliteDatabase

TABLES = {
    'retention_run': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('is_dry', 'BOOL NOT NULL'), ('day', 'DATE NOT NULL'),
        ('years', 'INTEGER NOT NULL'), ('child_until', 'INTEGER NOT NULL'), ('asked_by_id', 'INTEGER'),
        ('started_at', 'MOMENT NOT NULL'), ('finished_at', 'MOMENT'), ('confirmed_at', 'MOMENT'),
        ('confirmed_by_id', 'INTEGER'), ('phase', 'VARCHAR(10) NOT NULL'), ('cursor', 'INTEGER NOT NULL'),
        ('counts', 'OBJECT NOT NULL'), ('people', 'INTEGER NOT NULL'), ('held', 'INTEGER NOT NULL'),
        ('failed', 'INTEGER NOT NULL'), ('lease_until', 'MOMENT'), ('tries', 'INTEGER NOT NULL'), ('next_at', 'MOMENT'),
    ),
    'legal_hold': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('beneficiary_id', 'INTEGER NOT NULL'), ('visit_id', 'INTEGER'),
        ('reason', 'VARCHAR(300) NOT NULL'), ('placed_at', 'MOMENT NOT NULL'), ('placed_by_id', 'INTEGER NOT NULL'),
        ('released_at', 'MOMENT'), ('released_by_id', 'INTEGER'), ('release_reason', 'VARCHAR(300) NOT NULL'),
    ),
    'cleared': (('beneficiary_id', 'INTEGER NOT NULL'), ('at', 'MOMENT NOT NULL')),
    'doomed_file': (('folder', 'VARCHAR(16) NOT NULL'), ('name', 'VARCHAR(60) NOT NULL')),
    'closing': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('beneficiary_id', 'INTEGER NOT NULL'), ('account_id', 'INTEGER NOT NULL'),
        ('case_id', 'INTEGER NOT NULL'), ('staff_id', 'INTEGER NOT NULL'), ('closed_at', 'MOMENT NOT NULL'),
        ('mobile', 'VARCHAR(16) NOT NULL'),
    ),
}
UNIQUE = (('retention_run', 'uid'), ('legal_hold', 'uid'), ('closing', 'uid'), ('cleared', 'beneficiary_id'))
INDEXED = (
    ('retention_run', 'asked_by_id'), ('retention_run', 'confirmed_by_id'), ('legal_hold', 'beneficiary_id'),
    ('legal_hold', 'visit_id'), ('legal_hold', 'placed_by_id'), ('legal_hold', 'released_by_id'), ('cleared', 'at'),
    ('closing', 'beneficiary_id'), ('closing', 'account_id'), ('closing', 'case_id'), ('closing', 'staff_id'),
    ('closing', 'mobile'),
)
POINTS_TO = {
    'asked_by_id': 'staff', 'confirmed_by_id': 'staff', 'placed_by_id': 'staff', 'released_by_id': 'staff',
    'staff_id': 'staff', 'beneficiary_id': 'beneficiary', 'visit_id': 'visit', 'account_id': 'account',
    'case_id': 'rights_case',
}


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment, tree = ('DATETIME', 'TEXT') if is_sqlite else ('TIMESTAMP', 'JSONB')
    for table, columns in TABLES.items():
        kinds = [(name, kind.replace('MOMENT', moment).replace('OBJECT', tree)) for name, kind in columns]
        parts = [f'"id" {key}', *(f'"{name}" {kind}' for name, kind in kinds)]
        parts += [
            f'FOREIGN KEY ("{name}") REFERENCES "{POINTS_TO[name]}" ("id")'
            for name, _kind in columns
            if name in POINTS_TO
        ]
        db.execute_sql(f'CREATE TABLE "{table}" ({", ".join(parts)})')
    for table, column in UNIQUE:
        db.execute_sql(f'CREATE UNIQUE INDEX "{table}_{column}" ON "{table}" ("{column}")')
    for table, column in INDEXED:
        db.execute_sql(f'CREATE INDEX "{table}_{column}" ON "{table}" ("{column}")')


def down(migrator, db):
    for table in ('closing', 'doomed_file', 'cleared', 'legal_hold', 'retention_run'):
        db.execute_sql(f'DROP TABLE "{table}"')

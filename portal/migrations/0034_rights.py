"""Rights of people: copies of everything, cases with their steps, nominees."""

from peewee import SqliteDatabase

TABLES = {
    'data_copy': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('account_id', 'INTEGER NOT NULL'), ('beneficiary_id', 'INTEGER NOT NULL'),
        ('with_private', 'BOOL NOT NULL'), ('language', 'VARCHAR(2) NOT NULL'), ('asked_at', 'MOMENT NOT NULL'),
        ('done', 'INTEGER NOT NULL'), ('total', 'INTEGER NOT NULL'), ('size', 'BIGINT NOT NULL'),
        ('sha256', 'VARCHAR(64) NOT NULL'), ('stored_at', 'MOMENT'), ('ends_at', 'MOMENT'),
        ('lease_until', 'MOMENT'), ('tries', 'INTEGER NOT NULL'), ('next_at', 'MOMENT'),
    ),
    'rights_case': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('number', 'VARCHAR(24) NOT NULL'), ('kind', 'VARCHAR(10) NOT NULL'),
        ('account_id', 'INTEGER NOT NULL'), ('beneficiary_id', 'INTEGER'), ('text', 'VARCHAR(1000) NOT NULL'),
        ('state', 'VARCHAR(8) NOT NULL'), ('outcome', 'VARCHAR(8) NOT NULL'), ('asked_at', 'MOMENT NOT NULL'),
        ('due_on', 'DATE NOT NULL'), ('answered_at', 'MOMENT'),
    ),
    'case_step': (
        ('case_id', 'INTEGER NOT NULL'), ('at', 'MOMENT NOT NULL'), ('kind', 'VARCHAR(8) NOT NULL'),
        ('staff_id', 'INTEGER'), ('text', 'VARCHAR(1000) NOT NULL'),
    ),
    'nominee': (
        ('uid', 'VARCHAR(22) NOT NULL'), ('beneficiary_id', 'INTEGER NOT NULL'), ('name', 'VARCHAR(250) NOT NULL'),
        ('relation', 'VARCHAR(40) NOT NULL'), ('mobile', 'VARCHAR(16) NOT NULL'), ('named_at', 'MOMENT NOT NULL'),
        ('withdrawn_at', 'MOMENT'),
    ),
}
UNIQUE = (('data_copy', 'uid'), ('rights_case', 'uid'), ('rights_case', 'number'), ('nominee', 'uid'))
INDEXED = (
    ('data_copy', 'account_id'), ('data_copy', 'beneficiary_id'), ('data_copy', 'ends_at'), ('rights_case', 'account_id'),
    ('rights_case', 'beneficiary_id'), ('rights_case', 'state'), ('rights_case', 'due_on'), ('case_step', 'case_id'),
    ('case_step', 'staff_id'), ('nominee', 'beneficiary_id'),
)
POINTS_TO = {'account_id': 'account', 'beneficiary_id': 'beneficiary', 'case_id': 'rights_case', 'staff_id': 'staff'}


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    for table, columns in TABLES.items():
        parts = [f'"id" {key}', *(f'"{name}" {kind.replace("MOMENT", moment)}' for name, kind in columns)]
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
    for table in ('case_step', 'rights_case', 'nominee', 'data_copy'):
        db.execute_sql(f'DROP TABLE "{table}"')

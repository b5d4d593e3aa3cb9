"""Names as long as people have them: a register with one of over 80 letters is a register all the same."""

from peewee import SqliteDatabase

NAMES = {
    'centre': ('name', 'name_hi'), 'specialty': ('name', 'name_hi'), 'holiday': ('name', 'name_hi'),
    'staff': ('name', 'name_hi', 'qualification'), 'register_entry': ('name', 'name_hi'),
    'dispensing': ('collected_by',),
}


def up(migrator, db):
    _widen(db)


def down(migrator, db):
    pass  # a longer column harms nobody, and a shorter one would cut names


def _widen(db):
    if isinstance(db, SqliteDatabase):
        return  # it never looked at the length
    for table, columns in NAMES.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE VARCHAR(250)')

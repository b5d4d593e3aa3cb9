"""Names as long as people have them; and slips that were valid together pay together, now that there is one at a time."""

from itertools import groupby

from peewee import SqliteDatabase

NAMES = {
    'centre': ('name', 'name_hi'), 'specialty': ('name', 'name_hi'), 'holiday': ('name', 'name_hi'),
    'staff': ('name', 'name_hi', 'qualification'), 'register_entry': ('name', 'name_hi'),
    'dispensing': ('collected_by',),
}

USED = """SELECT COUNT(*) FROM "visit" WHERE "referral_id" IN (SELECT "id" FROM "referral" WHERE "id" = ? OR "shares_id" = ?)
    AND "state" IN ('completed', 'waiting', 'awaiting_recall', 'called', 'in_call', 'writing') AND "requested_at" < ?"""


def up(migrator, db):
    _widen(db)
    db.execute_sql('ALTER TABLE "referral" ADD COLUMN "shares_id" INTEGER REFERENCES "referral" ("id")')
    db.execute_sql('CREATE INDEX "referral_shares_id" ON "referral" ("shares_id")')
    _join_duplicates(db)


def down(migrator, db):
    # The names stay long: a longer column harms nobody, and a shorter one would cut them.
    migrator.migrate(migrator.drop_column('referral', 'shares_id'))


def _join_duplicates(db):
    """Of the slips that are valid today: one written while another was still good gives no consultations of its own."""
    rows = db.execute_sql(
        'SELECT "entry_id", "specialty_id", "id", "issued_at", "max_consults" FROM "referral" '
        'WHERE "cancelled_at" IS NULL AND "valid_until" >= CURRENT_DATE ORDER BY "entry_id", "specialty_id", "id"'
    ).fetchall()
    for _person, slips in groupby(rows, key=lambda row: row[:2]):
        first, allowed = None, 0
        for _entry, _specialty, key, issued_at, consults in slips:
            if first and _run(db, USED, first, first, issued_at).fetchone()[0] < allowed:
                _run(db, 'UPDATE "referral" SET "shares_id" = ? WHERE "id" = ?', first, key)
                allowed = max(allowed, consults)
            else:
                first, allowed = key, consults


def _run(db, sql, *values):
    return db.execute_sql(sql if isinstance(db, SqliteDatabase) else sql.replace('?', '%s'), values)


def _widen(db):
    if isinstance(db, SqliteDatabase):
        return  # it never looked at the length
    for table, columns in NAMES.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE VARCHAR(250)')

"""Audit rows have a format and a seal; a chain written without a key is sealed as it stands, in one row."""

import hashlib
import json

from peewee import SqliteDatabase

from portal.base import clock, keys

INSERT = """INSERT INTO "audit_row"
    ("at", "action", "actor_kind", "actor_uid", "subject", "details", "previous", "hash", "format", "seal")
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def up(migrator, db):
    moment = 'DATETIME' if isinstance(db, SqliteDatabase) else 'TIMESTAMP'
    db.execute_sql('ALTER TABLE "audit_row" ADD COLUMN "format" INTEGER NOT NULL DEFAULT 1')
    db.execute_sql('ALTER TABLE "audit_row" ADD COLUMN "seal" VARCHAR(64) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "audit_head" ADD COLUMN "sent_rows" INTEGER NOT NULL DEFAULT 0')
    for column in ('sent_at', 'unheard_since'):
        db.execute_sql(f'ALTER TABLE "audit_head" ADD COLUMN "{column}" {moment}')
    rows, end = db.execute_sql('SELECT "rows", "hash" FROM "audit_head"').fetchone()
    if rows:
        _set_checkpoint(db, rows, end)


def down(migrator, db):
    for table, column in (
        ('audit_row', 'format'), ('audit_row', 'seal'),
        ('audit_head', 'sent_rows'), ('audit_head', 'sent_at'), ('audit_head', 'unheard_since'),
    ):
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')


def _set_checkpoint(db, rows, end):
    """Row by row as audit.note writes it in format 2. Hashes before it need no key: `portal audit verify` walks them."""
    now = clock.now()
    details = json.dumps({'breaks': 0, 'rows': rows}, sort_keys=True)
    noted = (end, now.isoformat(), 'AuditSealedAnew', 'system', '', 'audit', details)
    digest = hashlib.sha256(json.dumps((2, *noted), ensure_ascii=False).encode()).hexdigest()
    seal = keys.sign('audit chain', f'2 {digest}'.encode()).hex()
    stored = now.replace(tzinfo=None).isoformat(' ')
    mark = '?' if isinstance(db, SqliteDatabase) else '%s'
    values = (stored, 'AuditSealedAnew', 'system', '', 'audit', details, end, digest, 2, seal)
    db.execute_sql(INSERT.replace('?', mark), values)
    db.execute_sql('UPDATE "audit_head" SET "rows" = "rows" + 1, "hash" = ?'.replace('?', mark), (digest,))

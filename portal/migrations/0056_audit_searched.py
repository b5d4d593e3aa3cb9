"""Indexes for the search of the audit log: by what a row is about, by who acted, and by action, the newest first."""

from portal.store.migrator import build_index

EXPANDS = True
atomic = False


def up(migrator, db):
    build_index(db, 'audit_row_subject_at', '"audit_row" ("subject", "at")')
    build_index(db, 'audit_row_actor_uid_at_action', '"audit_row" ("actor_uid", "at", "action")')
    build_index(db, 'audit_row_action_at', '"audit_row" ("action", "at")')


def down(migrator, db):
    for name in ('audit_row_subject_at', 'audit_row_actor_uid_at_action', 'audit_row_action_at'):
        db.execute_sql(f'DROP INDEX "{name}"')

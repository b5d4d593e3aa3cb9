"""Indexes for feedback that nobody has read, which the overview counts, and for sessions of a range of days."""

from portal.store.migrator import build_index

EXPANDS = True
atomic = False


def up(migrator, db):
    build_index(db, 'feedback_unread', '"feedback" ("id") WHERE "noted_at" IS NULL')
    build_index(db, 'clinic_session_day', '"clinic_session" ("day")')


def down(migrator, db):
    for name in ('feedback_unread', 'clinic_session_day'):
        db.execute_sql(f'DROP INDEX "{name}"')

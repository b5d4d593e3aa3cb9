"""Indexes for the referrals and requests of a day, which reports count."""

from portal.store.migrator import build_index

EXPANDS = True
atomic = False


def up(migrator, db):
    build_index(db, 'referral_issued_at', '"referral" ("issued_at")')
    build_index(db, 'referral_request_asked_at', '"referral_request" ("asked_at")')


def down(migrator, db):
    for name in ('referral_issued_at', 'referral_request_asked_at'):
        db.execute_sql(f'DROP INDEX "{name}"')

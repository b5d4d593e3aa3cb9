"""A hash of the database: a refusal must not change it."""

import hashlib

import peewee

from portal.core.accounts.models import OtpChallenge, SignIn
from portal.plugin_host.models import HookCount
from portal.schema import TABLES
from portal.work.audit import AuditRow
from portal.work.audit_shards import AuditDay, AuditShard
from portal.work.throttle import Attempt

# Tables a refusal may write: audit, rate limits, and the counters of hook calls, which whichever request comes after
# five seconds flushes.
MAY_CHANGE = {AuditShard, AuditDay, AuditRow, Attempt, SignIn, OtpChallenge, HookCount}


def database_hash(*besides: type[peewee.Model]) -> str:
    """Hash all rows of all domain tables, except `besides`: those in which this form keeps what was typed."""
    digest = hashlib.sha256()
    for table in TABLES:
        if table not in MAY_CHANGE.union(besides):
            digest.update(table.__name__.encode())
            for row in table.select().order_by(table._meta.primary_key).tuples():
                digest.update(repr(row).encode())
    return digest.hexdigest()

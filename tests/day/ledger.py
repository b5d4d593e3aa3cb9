"""What the database holds, as one number: a refusal must leave it as it was."""

import hashlib

import peewee

from portal.core.accounts.models import OtpChallenge, SignIn
from portal.schema import TABLES
from portal.work.audit import AuditHead, AuditRow
from portal.work.throttle import Attempt

# What a refusal may write: that it happened, and that somebody tried.
MAY_CHANGE = {AuditHead, AuditRow, Attempt, SignIn, OtpChallenge}


def sealed(*besides: type[peewee.Model]) -> str:
    """The hash of all rows of all domain tables, `besides` those in which this form keeps what was typed."""
    digest = hashlib.sha256()
    for table in TABLES:
        if table not in MAY_CHANGE.union(besides):
            digest.update(table.__name__.encode())
            for row in table.select().order_by(table._meta.primary_key).tuples():
                digest.update(repr(row).encode())
    return digest.hexdigest()

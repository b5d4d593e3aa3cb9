"""Key rotation: re-encrypt everything stored under older keys, so that they can be removed."""

from datetime import datetime

from portal.plugin_host.models import bump_revision
from portal.plugin_host.registry import registry
from portal.schema import TABLES
from portal.store.db import write
from portal.store.sealed import Renewed, SealedField, SealedJSONField, columns_of, renew
from portal.work import audit, audit_chain
from portal.work.audit import Actor


def sealed_columns() -> list[SealedField | SealedJSONField]:
    """List every encrypted column of the core and of all installed plugins, on or off."""
    plugins = registry()
    theirs = [column for name in plugins.installed for column in plugins.ask(name, "sealed_columns") or ()]
    return columns_of(TABLES) + theirs


def re_encrypt(*, by: Actor, now: datetime) -> Renewed:
    """Re-encrypt every stored secret and seal the audit chain with the newest key, in one transaction."""
    columns = sealed_columns()
    walk = audit_chain.Walk()
    breaks = len(list(walk.go()))  # outside the transaction: a long chain takes long
    with write():
        done = [renew(column) for column in columns]
        found = Renewed(sum(part.rows for part in done), sum(part.unreadable for part in done))
        bump_revision()
        audit.note("SecretsSealedAnew", "secrets", by=by, now=now, rows=found.rows, unreadable=found.unreadable)
        audit_chain.set_checkpoint(walk, breaks, by=by, now=now)
    return found

"""Key rotation: re-encrypt everything stored under older keys, so that they can be removed."""

from datetime import datetime

from portal.plugin_host.models import bump_revision
from portal.plugin_host.registry import registry
from portal.schema import TABLES
from portal.store.db import write
from portal.store.sealed import Renewed, SealedField, SealedJSONField, columns_of, renew
from portal.work import audit, audit_chain, audit_shards
from portal.work.audit import Actor


def sealed_columns() -> list[SealedField | SealedJSONField]:
    """List every encrypted column of the core and of all installed plugins, on or off."""
    plugins = registry()
    theirs = [column for name in plugins.installed for column in plugins.ask(name, "sealed_columns") or ()]
    return columns_of(TABLES) + theirs


def re_encrypt(*, by: Actor, now: datetime) -> Renewed:
    """Re-encrypt every stored secret and seal the audit chains with the newest key, in one transaction."""
    columns = sealed_columns()
    walks, breaks = audit_chain.begin()  # outside the transaction: a long chain takes long
    with write():
        audit_shards.take_all()  # first, as writers keep their chain while they wait for a row
        done = [renew(column) for column in columns]
        found = Renewed(sum(part.rows for part in done), sum(part.unreadable for part in done))
        bump_revision()
        audit.note("SecretsSealedAnew", "secrets", by=by, now=now, rows=found.rows, unreadable=found.unreadable)
        audit_chain.set_checkpoint(walks, breaks, by=by, now=now)
    return found

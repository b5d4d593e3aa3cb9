"""Collects the audit rows of an action, for the audit tests of each room."""

from collections.abc import Callable

from peewee import fn

from portal.core.accounts.models import Account, Staff
from portal.work.audit import Actor, AuditRow

Note = tuple[str, Actor, str]  # action, actor, subject


def noted(deed: Callable[[], object]) -> list[Note]:
    """Run an action; return the audit rows it added, oldest first."""
    last = AuditRow.select(fn.MAX(AuditRow.id)).scalar() or 0
    deed()
    added = AuditRow.select().where(AuditRow.id > last).order_by(AuditRow.id)
    return [(row.action, Actor(row.actor_kind, row.actor_uid), row.subject) for row in added]


def actor_of(person: Account | Staff) -> Actor:
    """Return a person as an audit actor."""
    return Actor("staff" if isinstance(person, Staff) else "account", person.uid)

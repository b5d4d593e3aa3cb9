"""What the audit chain says of a deed: the tests of each room hold its notes by this."""

from collections.abc import Callable

from peewee import fn

from portal.core.accounts.models import Account, Staff
from portal.work.audit import Actor, AuditRow

Note = tuple[str, Actor, str]  # what was done, by whom, to what


def noted(deed: Callable[[], object]) -> list[Note]:
    """Do it; what it has added to the chain, the oldest first."""
    last = AuditRow.select(fn.MAX(AuditRow.id)).scalar() or 0
    deed()
    added = AuditRow.select().where(AuditRow.id > last).order_by(AuditRow.id)
    return [(row.action, Actor(row.actor_kind, row.actor_uid), row.subject) for row in added]


def actor_of(person: Account | Staff) -> Actor:
    """A person as the chain names them."""
    return Actor("staff" if isinstance(person, Staff) else "account", person.uid)

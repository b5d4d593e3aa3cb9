"""Audit history of one message: who did what, and when."""

import json
from dataclasses import dataclass
from datetime import datetime

from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.messages.models import Message
from portal.core.messages.words import deeds
from portal.work.audit import AuditRow


@dataclass(frozen=True)
class Deed:
    """One audited action. `outcome`: of a phone call."""

    at: datetime
    what: str
    who: str
    outcome: str


def history(row: Message) -> list[Deed]:
    """List the audited actions, oldest first."""
    known = AuditRow.select().where((AuditRow.subject == row.uid) & AuditRow.action.in_(list(deeds())))
    return [_line(found) for found in known.order_by(AuditRow.id).limit(100)]


def _line(row: AuditRow) -> Deed:
    said = json.loads(row.details)
    return Deed(row.at, deeds()[row.action], _who(row), str(said.get("outcome", "")))


def _who(row: AuditRow) -> str:
    if row.actor_kind == "staff":
        person = Staff.get_or_none(Staff.uid == row.actor_uid)
        return str(person.name) if person else _("somebody who no longer works here")
    return str(row.actor_uid) if row.actor_kind == "machine" else _("the portal")

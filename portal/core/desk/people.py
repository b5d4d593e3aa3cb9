"""Registration of somebody who is at the desk with the card."""

from datetime import datetime

from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import Application, register_seen
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor


def register_present(
    entry: RegisterEntry, form: Application, *, is_card_seen: bool, by: Actor, now: datetime
) -> Beneficiary:
    """Register somebody whose card the desk has seen, on the account of the register's mobile (audited).

    Raises Invalid with every wrong field, Conflict when that account is closed.
    """
    unseen = {"card_seen": _("See the card first: the person on it must be the one who is here.")}
    with write():
        person = register_seen(entry, form, besides={} if is_card_seen else unseen, by=by, now=now)
        audit.note("CardSeen", person.uid, by=by, now=now)
    return person


def person_of(desk: Staff, uid: str) -> Beneficiary:
    """Find a registered person of the desk's centre. Raises NotFound for anybody else."""
    people = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry)
    found: Beneficiary | None = people.where((Beneficiary.uid == uid) & (RegisterEntry.centre == desk.centre)).first()
    if found is None:
        raise NotFound
    return found


def registered(entries: list[RegisterEntry]) -> dict[int, Beneficiary]:
    """Map the ids of these entries to the people who are registered."""
    return {person.entry_id: person for person in Beneficiary.select().where(Beneficiary.entry.in_(entries))}

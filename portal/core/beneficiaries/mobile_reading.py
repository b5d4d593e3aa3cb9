"""Reading mobiles: by which number a person is reached, who else has it, and which corrections there were."""

from collections.abc import Iterable
from datetime import datetime

import peewee

from portal.base.errors import NotFound
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, MobileChange, RegisterEntry
from portal.store.prepared import Prepared


@Prepared
def _running(mobile: object, now: object) -> peewee.Select:
    rows = MobileChange.select(MobileChange, RegisterEntry).join(RegisterEntry)
    mine = (MobileChange.old == mobile) & MobileChange.stopped_at.is_null() & (MobileChange.ends_at > now)
    return rows.where(mine).order_by(MobileChange.id.desc())


def number_of(entry: RegisterEntry) -> str:
    """Return the number by which a person is reached: of the account, or of the register before registering."""
    person: Beneficiary | None = Beneficiary.get_or_none(Beneficiary.entry == entry)
    is_open = person is not None and person.account.disabled_at is None
    return str(person.account.mobile if person and is_open else entry.mobile)


def others_on(entry: RegisterEntry) -> list[RegisterEntry]:
    """List who else of the register has this person's number, registered or not."""
    mobile = number_of(entry)
    registered = Beneficiary.select(Beneficiary.entry).join(Account).where(Account.mobile == mobile)
    same = (RegisterEntry.mobile == mobile) | RegisterEntry.id.in_(registered)
    others = RegisterEntry.select().where(same & (RegisterEntry.id != entry.id)).order_by(RegisterEntry.id).limit(20)
    return [other for other in others if number_of(other) == mobile]


def change_of(account: Account, uid: str) -> MobileChange:
    """Find a change away from this account's mobile. Raises NotFound for any other."""
    found: MobileChange | None = MobileChange.get_or_none(
        (MobileChange.uid == uid) & (MobileChange.old == account.mobile)
    )
    if found is None:
        raise NotFound
    return found


def together(change: MobileChange) -> list[MobileChange]:
    """List all changes of one correction, each with its person."""
    one = (MobileChange.old == change.old) & (MobileChange.new == change.new)
    rows = MobileChange.select(MobileChange, RegisterEntry).join(RegisterEntry)
    return list(rows.where(one & (MobileChange.changed_at == change.changed_at)).order_by(MobileChange.id))


def to_stop(account: Account, now: datetime) -> list[MobileChange]:
    """List the changes away from this account's mobile that can be stopped, newest first."""
    return _running.all(account.mobile, now)


def replaced(entries: Iterable[RegisterEntry]) -> set[tuple[int, str]]:
    """Return entry and number for each that was corrected away, of the people whose number is a corrected one."""
    now_have = {(entry.id, entry.mobile) for entry in entries}
    ids = [entry for entry, _mobile in now_have]
    rows = list(MobileChange.select().where(MobileChange.entry.in_(ids) & MobileChange.stopped_at.is_null()))
    corrected = {row.entry_id for row in rows if (row.entry_id, row.new) in now_have}
    return {(row.entry_id, row.old) for row in rows if row.entry_id in corrected} - now_have


def stopped_lately(entries: Iterable[RegisterEntry], now: datetime) -> dict[int, datetime]:
    """Map the ids of these people to when the old number last stopped a correction, as long as that is kept."""
    ids = [entry.id for entry in entries]
    rows = MobileChange.select().where(MobileChange.entry.in_(ids) & (MobileChange.stopped_at <= now))
    return {row.entry_id: row.stopped_at for row in rows.order_by(MobileChange.id)}

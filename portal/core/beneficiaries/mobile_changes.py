"""Correcting the mobile of people whose cards a desk has seen, and stopping that from the old number (S24)."""

from datetime import datetime, timedelta

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, Staff, account_of
from portal.core.accounts.passkeys.mobiles import cancel
from portal.core.accounts.sign_ins import end_all
from portal.core.beneficiaries.events import MobileCorrected, MobileCorrectionStopped
from portal.core.beneficiaries.holds import HELD
from portal.core.beneficiaries.mobile_reading import change_of, number_of, together
from portal.core.beneficiaries.models import Beneficiary, MobileChange, RegisterEntry
from portal.store.db import claim, write
from portal.work import jobs
from portal.work.audit import Actor
from portal.work.events import record

KEPT, AT_ONCE = timedelta(days=365), 1000  # as long as logs of access; a minute


def correct_mobile(
    entries: list[RegisterEntry], mobile: str, *, desk: Staff, by: Actor, now: datetime
) -> list[MobileChange]:
    """Move people of the register, and those of them who are registered, to another mobile.

    The first is whose mobile it was. Both numbers are told, the old one can stop it for a day, and for that day nobody
    reads by the new one. Phones that signed in without an SMS need one again. Raises Conflict when the account of the
    new mobile is closed.
    """
    with write():
        account = account_of(mobile, _language(entries[0]), now=now)
        if account.disabled_at is not None:
            raise Conflict(_("The account of this mobile number is closed. The administrator can help."))
        old = number_of(entries[0])
        for each in (account, *Account.select().where(Account.mobile == old)):
            cancel(each, by=by, now=now)
        changes = [_change(entry, old, mobile, desk, now) for entry in entries]
        for change in changes:
            RegisterEntry.update(mobile=mobile).where(RegisterEntry.id == change.entry_id).execute()
            _move(change, account, held_until=change.ends_at)
            record(MobileCorrected(told=change is changes[0]), change.uid, by=by, now=now)
    return changes


def stop_correction(account: Account, uid: str, *, by: Actor, now: datetime) -> None:
    """Move everybody of a correction back to the old mobile, from which this is asked. Idempotent.

    Who is signed in by the new one is signed out. Raises NotFound for a correction of another number, Conflict when
    its day is over.
    """
    asked = change_of(account, uid)
    if asked.stopped_at is None and now >= asked.ends_at:
        raise Conflict(_("The day for stopping this is over. Please go to your wellness centre with the card."))
    with write():
        stopped = [change for change in together(asked) if _stop(change, now)]
        for change in stopped:
            mine = (RegisterEntry.id == change.entry_id) & (RegisterEntry.mobile == change.new)
            RegisterEntry.update(mobile=change.old).where(mine).execute()
            _move(change, account, held_until=None)
            record(MobileCorrectionStopped(told=change is stopped[0]), change.uid, by=by, now=now)
        new = account_of(asked.new, account.language, now=now)
        cancel(new, by=by, now=now)
        end_all(account=new, now=now)


@jobs.sweep(every=3600)
def sweep_mobile_changes(now: datetime) -> None:
    """Delete changes after KEPT, a few at a time: they hold mobile numbers."""
    old = MobileChange.select(MobileChange.id).where(MobileChange.changed_at < now - KEPT).limit(AT_ONCE)
    MobileChange.delete().where(MobileChange.id.in_(old)).execute()


def _language(entry: RegisterEntry) -> str:
    person: Beneficiary | None = Beneficiary.get_or_none(Beneficiary.entry == entry)
    return person.language if person else "hi"


def _change(entry: RegisterEntry, old: str, new: str, desk: Staff, now: datetime) -> MobileChange:
    made: MobileChange = MobileChange.create(
        entry=entry, old=old, new=new, staff=desk, changed_at=now, ends_at=now + HELD
    )
    return made


def _move(change: MobileChange, account: Account, *, held_until: datetime | None) -> None:
    """Move who is registered to an account; somebody whose own account was closed stays so."""
    is_open = Account.select(Account.id).where(Account.disabled_at.is_null())
    mine = (Beneficiary.entry == change.entry_id) & Beneficiary.account.in_(is_open)
    Beneficiary.update(account=account, held_until=held_until).where(mine).execute()


def _stop(change: MobileChange, now: datetime) -> bool:
    running = (MobileChange.id == change.id) & MobileChange.stopped_at.is_null()
    return claim(MobileChange.update(stopped_at=now).where(running))

"""Opt-outs from kinds of texts, per mobile. What is essential on a day at the clinic is always sent."""

from collections.abc import Collection
from datetime import datetime

from portal.core.accounts.models import Account
from portal.core.messages.kinds import KINDS, optional
from portal.core.messages.models import MessageKindsChosen, MessageOptOut
from portal.store.db import write
from portal.store.versions import require_seen
from portal.work.audit import Actor
from portal.work.events import record


def is_wanted(mobile: str, template: str) -> bool:
    """Tell whether this mobile takes this kind of text."""
    if not KINDS[template].is_optional:
        return True
    mine = (Account.mobile == mobile) & (MessageOptOut.template == template)
    return not MessageOptOut.select().join(Account).where(mine).exists()


def unwanted(account: Account) -> set[str]:
    """Return the kinds that are switched off."""
    return {row.template for row in MessageOptOut.select().where(MessageOptOut.account == account)}


def shown(account: Account) -> dict[str, str]:
    """Return the checkboxes of the optional kinds as they are saved."""
    off = unwanted(account)
    return {f"wanted-{template}": "" if template in off else "yes" for template in optional()}


def choose(account: Account, wanted: Collection[str], seen: str, *, by: Actor, now: datetime) -> None:
    """Save which optional kinds are wanted; others are always sent. Raises Changed after a concurrent edit."""
    off = [template for template in optional() if template not in wanted]
    typed = {f"wanted-{template}": "" if template in off else "yes" for template in optional()}
    with write():
        require_seen(f"texts {account.uid}", seen, lambda: shown(account), typed)
        if set(off) == unwanted(account):
            return
        MessageOptOut.delete().where(MessageOptOut.account == account).execute()
        for template in off:
            MessageOptOut.create(account=account, template=template)
        record(MessageKindsChosen(off=off), account.uid, by=by, now=now)

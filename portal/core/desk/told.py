"""Listeners that tell both numbers of a mobile corrected at a desk, and of one that the old number stopped."""

from datetime import datetime

from portal.base.clock import ist
from portal.core.accounts.models import Account
from portal.core.beneficiaries.events import MobileCorrected, MobileCorrectionStopped
from portal.core.beneficiaries.models import Beneficiary, MobileChange
from portal.core.messages.services import queue
from portal.work.events import Event, listener


@listener(MobileCorrected)
def tell_both_numbers(event: Event, now: datetime) -> None:
    """Queue one text to the old number and one to the new, once for all who moved together."""
    if MobileCorrected.of(event).told:
        change, spoken = _change(event)
        values = {"centre": _centre(change), "until": f"{ist(change.ends_at):%d-%m %H:%M}"}
        queue(event.uid, change.old, "mobile_left", spoken, values, now=event.at)
        queue(event.uid, change.new, "mobile_joined", spoken, values, now=event.at)


@listener(MobileCorrectionStopped)
def tell_both_numbers_stopped(event: Event, now: datetime) -> None:
    """Queue one text to each number that the correction was stopped."""
    if MobileCorrectionStopped.of(event).told:
        change, spoken = _change(event)
        for mobile in (change.old, change.new):
            queue(event.uid, mobile, "mobile_stopped", spoken, {"centre": _centre(change)}, now=event.at)


def _change(event: Event) -> tuple[MobileChange, str]:
    """Return the change and the language of its person, or of the old number before registering."""
    change = MobileChange.get(MobileChange.uid == event.subject)
    person = Beneficiary.get_or_none(Beneficiary.entry == change.entry)
    spoken = person or Account.get_or_none(Account.mobile == change.old)
    return change, spoken.language if spoken else "hi"


def _centre(change: MobileChange) -> str:
    return change.staff.centre.code if change.staff.centre else ""

"""Texts about a corrected mobile: one to each number for all who moved together, in the person's language."""

from portal.core.beneficiaries import mobile_changes
from portal.core.messages.models import Message
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_staff

NEW = "+919811111111"


def test_a_family_that_moves_together_is_told_once_and_a_stop_tells_both(db, now, queue):
    first = make_beneficiary(language="hi")
    second = make_beneficiary(account=first.account, mobile=first.account.mobile)
    entries = [first.entry, second.entry]
    change = mobile_changes.correct_mobile(entries, NEW, desk=make_staff("desk"), by=SYSTEM, now=now)[0]
    queue.drain()
    texts = {(row.template, row.to, row.language) for row in Message.select()}
    assert texts == {("mobile_left", first.account.mobile, "hi"), ("mobile_joined", NEW, "hi")}
    assert Message.select().first().values["centre"] == "01"
    mobile_changes.stop_correction(first.account, change.uid, by=SYSTEM, now=now)
    queue.drain()
    stopped = {row.to for row in Message.select().where(Message.template == "mobile_stopped")}
    assert stopped == {first.account.mobile, NEW}

"""A mobile that a desk corrects: who moves, who is told, what is held, and how the old number stops it (S24)."""

from datetime import datetime, timedelta

import pytest

from portal.base.errors import Conflict, NotFound
from portal.core.accounts.models import Account, SignIn
from portal.core.accounts.passkeys.models import AccountPasskey
from portal.core.beneficiaries import mobile_changes, mobile_reading
from portal.core.beneficiaries.models import Beneficiary, MobileChange, RegisterEntry
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_account, make_beneficiary, make_entry, make_staff

NEW = "+919811111111"


def make_passkey(account: Account, now: datetime) -> None:
    """Switch a phone on."""
    key = f"key of {account.mobile}"
    AccountPasskey.create(account=account, key=key, public_key="", device="", created_at=now, proven_at=now)


@pytest.fixture
def person(db) -> Beneficiary:
    return make_beneficiary()


@pytest.fixture
def correct(now):
    """correct(*entries): the desk corrects their mobile."""

    def corrected(*entries: RegisterEntry) -> MobileChange:
        return mobile_changes.correct_mobile(list(entries), NEW, desk=make_staff("desk"), by=SYSTEM, now=now)[0]

    return corrected


def test_register_and_account_are_the_new_numbers_and_nothing_is_read_for_a_day(person, correct, now):
    correct(person.entry)
    again = Beneficiary.get_by_id(person.id)
    assert (again.account.mobile, again.entry.mobile) == (NEW, NEW)
    assert again.held_until == now + timedelta(hours=24)


def test_the_phones_of_both_numbers_sign_in_by_sms_again(person, correct, now):
    """Also those of whoever had the new number before; and again when the old number stops it."""
    theirs, other = make_account(NEW), make_account("+919822222222")
    for account in (person.account, theirs, other):
        make_passkey(account, now)
    change = correct(person.entry)
    assert [row.account for row in AccountPasskey.select()] == [other]
    make_passkey(theirs, now)
    mobile_changes.stop_correction(person.account, change.uid, by=SYSTEM, now=now)
    assert [row.account for row in AccountPasskey.select()] == [other]


def test_somebody_not_yet_registered_only_moves_in_the_register(db, correct):
    entry = make_entry()
    correct(entry)
    assert RegisterEntry.get_by_id(entry.id).mobile == NEW
    assert Beneficiary.select().count() == 0


def test_who_is_not_named_stays_on_the_old_number(person, correct):
    stays = make_beneficiary(account=person.account, mobile=person.account.mobile)
    assert mobile_reading.others_on(person.entry) == [stays.entry]
    correct(person.entry)
    assert Beneficiary.get_by_id(stays.id).account == person.account


def test_the_account_of_the_new_number_is_joined_but_not_when_it_is_closed(person, correct, now):
    theirs = make_account(NEW)
    correct(person.entry)
    assert Beneficiary.get_by_id(person.id).account == theirs
    Account.update(disabled_at=now).where(Account.id == theirs.id).execute()
    with pytest.raises(Conflict, match="closed"):
        correct(make_beneficiary().entry)


def test_who_moved_together_is_stopped_together_and_the_new_number_is_signed_out(person, correct, sign_in, now):
    other = make_beneficiary(account=person.account, mobile=person.account.mobile)
    change = correct(person.entry, other.entry)
    thief = sign_in(Account.get(Account.mobile == NEW))
    mobile_changes.stop_correction(person.account, change.uid, by=SYSTEM, now=now)
    for one in (person, other):
        again = Beneficiary.get_by_id(one.id)
        assert (again.account, again.entry.mobile, again.held_until) == (person.account, person.account.mobile, None)
    assert thief.get("/home").status_code == 303
    assert not SignIn.select().join(Account).where((Account.mobile == NEW) & SignIn.ended_at.is_null()).exists()


def test_stopping_twice_changes_nothing_more(person, correct, now):
    change = correct(person.entry)
    for _time in range(2):
        mobile_changes.stop_correction(person.account, change.uid, by=SYSTEM, now=now)
    assert AuditRow.select().where(AuditRow.action == "MobileCorrectionStopped").count() == 1


def test_after_a_day_and_from_another_number_nothing_is_stopped(person, correct, now):
    change = correct(person.entry)
    with pytest.raises(Conflict, match="over"):
        mobile_changes.stop_correction(person.account, change.uid, by=SYSTEM, now=now + timedelta(hours=24))
    with pytest.raises(NotFound):
        mobile_changes.stop_correction(make_account(), change.uid, by=SYSTEM, now=now)
    assert Beneficiary.get_by_id(person.id).account.mobile == NEW


def test_old_changes_are_deleted_after_a_year(person, correct, now):
    correct(person.entry)
    mobile_changes.sweep_mobile_changes(now + timedelta(days=364))
    assert MobileChange.select().count() == 1
    mobile_changes.sweep_mobile_changes(now + timedelta(days=366))
    assert MobileChange.select().count() == 0

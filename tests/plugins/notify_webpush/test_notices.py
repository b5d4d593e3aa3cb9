"""Notices reach the phone encrypted and without names, and an SMS goes out only when no phone has shown one."""

import json
from datetime import date, timedelta

import pytest
from portal_plugins.notify_webpush import notices
from portal_plugins.notify_webpush.models import Push, Subscription

from portal.contracts import Message, Shown
from portal.core.accounts.models import Account
from portal.core.beneficiaries.mobile_changes import correct_mobile
from portal.core.beneficiaries.models import Beneficiary
from portal.core.messages import services
from portal.core.messages.models import Message as Text
from portal.core.outbox import delivery
from portal.core.rights import cases
from portal.core.rights.closing import close_account
from portal.rekey import re_encrypt
from portal.work.audit import SYSTEM
from tests.core.messages.conftest import operator as operator
from tests.factories import make_beneficiary, make_staff
from tests.plugins.notify_webpush.conftest import allow
from tests.plugins.notify_webpush.phone import Phone, claims
from tests.scripted import Step

MOBILE, OTHER = "+919876543210", "+919876543211"
WAIT = timedelta(seconds=8)


@pytest.fixture
def turn(now):
    """The text that it is somebody's turn."""

    def make(uid: str = "message-1", template: str = "your_turn", language: str = "en", to: str = MOBILE) -> Message:
        text = "Token MED-012: the doctor is calling you."
        return Message(uid, to, template, language, text, now + timedelta(minutes=2))

    return make


def on(phone: Phone, now, mobile: str = MOBILE) -> Beneficiary:
    """Switch notices on for somebody who is registered on this mobile."""
    found = Beneficiary.select().join(Account).where(Account.mobile == mobile).first()
    person = found or make_beneficiary(mobile=mobile)
    notices.switch_on(person.account.uid, mobile, phone.text, now=now)
    return person


def test_a_notice_is_encrypted_for_the_phone_and_names_nobody(service, phone, turn, now):
    on(phone, now)
    assert notices.show(turn(), now=now) == Shown(until=now + WAIT)
    (asked,) = service.ledger
    assert (asked.method, asked.path) == ("POST", "/push/phone-1")
    assert (asked.headers["ttl"], asked.headers["urgency"]) == ("120", "high")
    said = phone.read(asked)
    assert (said["title"], said["tag"]) == ("It is your turn", "your_turn")
    assert set(said) == {"title", "body", "tag", "key"}
    assert "MED-012" not in json.dumps(said)
    assert claims(asked, service.url)["sub"].startswith("http")


@pytest.mark.parametrize(
    ("template", "language", "title"),
    [
        ("near_turn", "en", "Your turn is near"),
        ("prescription", "en", "Prescription ready"),
        ("your_turn", "hi", "आपकी बारी"),
    ],
)
def test_each_kind_says_its_own_in_the_language_of_the_text(service, phone, turn, now, template, language, title):
    on(phone, now)
    notices.show(turn(template=template, language=language), now=now)
    assert title in phone.read(service.ledger[0])["title"]


@pytest.mark.parametrize("template", ["token", "registered", "missed_call"])
def test_other_texts_stay_sms(service, phone, turn, now, template):
    on(phone, now)
    assert notices.show(turn(template=template), now=now) is None
    assert service.ledger == []


def test_a_mobile_without_a_phone_gets_an_sms_at_once(service, phone, turn, now):
    on(phone, now)
    assert notices.show(turn(to=OTHER), now=now) is None


def test_the_key_is_good_once_and_the_text_counts_as_shown(service, phone, turn, now):
    on(phone, now)
    notices.show(turn(), now=now)
    key = phone.read(service.ledger[0])["key"]
    assert notices.show(turn(), now=now + WAIT / 2) == Shown(until=now + WAIT)
    assert [notices.say_shown(key, now=now) for _ in range(2)] == [True, False]
    assert not notices.say_shown("another", now=now)
    assert notices.show(turn(), now=now + WAIT) == Shown(is_shown=True)
    assert len(service.ledger) == 1


def test_a_notice_that_nobody_saw_leaves_the_text_to_the_sms(service, phone, turn, now):
    on(phone, now)
    notices.show(turn(), now=now)
    assert notices.show(turn(), now=now + WAIT) is None
    assert len(service.ledger) == 1


@pytest.mark.parametrize("status", [400, 403, 413, 429, 500, 503])
def test_a_push_service_that_refuses_costs_no_time(service, phone, turn, now, status):
    on(phone, now)
    service.otherwise = Step(status)
    assert notices.show(turn(), now=now) is None
    assert Subscription.select().count() == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_phone_that_is_gone_is_forgotten(service, phone, turn, now, status):
    on(phone, now)
    service.otherwise = Step(status)
    assert notices.show(turn(), now=now) is None
    assert Subscription.select().count() == 0


def test_a_service_that_was_taken_off_the_list_is_not_called(service, phone, turn, now):
    on(phone, now)
    allow("fcm.googleapis.com")
    assert notices.show(turn(), now=now) is None
    assert service.ledger == []


def test_all_phones_of_a_mobile_get_it_and_one_that_shows_it_is_enough(service, turn, now):
    phones = [Phone(service.url, f"/push/{number}") for number in range(2)]
    for each in phones:
        on(each, now)
    notices.show(turn(), now=now)
    keys = {phones[int(asked.path[-1])].read(asked)["key"] for asked in service.ledger}
    assert (len(service.ledger), len(keys)) == (2, 1)


def test_a_phone_that_another_family_uses_now_gets_only_its_own(service, phone, turn, now):
    on(phone, now)
    on(phone, now, mobile=OTHER)
    assert notices.show(turn(), now=now) is None
    assert notices.show(turn("message-2", to=OTHER), now=now) is not None


def test_no_address_lies_open_in_the_database_and_a_new_key_reads_them(service, phone, turn, now):
    on(phone, now)
    row = Subscription.get()
    assert phone.endpoint not in str(row.__data__)
    re_encrypt(by=SYSTEM, now=now)
    assert notices.show(turn(), now=now) is not None


def close(person: Beneficiary, now) -> None:
    case = cases.open_case(person.account, "erasure", person, {"text": "Please delete everything."}, by=SYSTEM, now=now)
    close_account(person, case, make_staff("admin"), date(2029, 11, 23), by=SYSTEM, now=now)


def move(person: Beneficiary, now) -> None:
    correct_mobile([person.entry], "+919812345678", desk=make_staff("desk"), by=SYSTEM, now=now)


def test_nothing_is_pushed_to_who_had_the_number_before(service, phone, turn, now):
    close(on(phone, now), now)
    make_beneficiary(mobile=MOBILE)  # the number is somebody else's now
    assert notices.show(turn(), now=now) is None
    assert (Subscription.select().count(), service.ledger) == (0, [])


@pytest.mark.parametrize("leave", [close, move])
def test_browsers_of_an_account_that_is_closed_or_left_by_everybody_are_deleted(service, phone, now, leave):
    leave(on(phone, now), now)
    notices.forget_left_browsers(now)
    assert Subscription.select().count() == 0


def test_a_browser_of_a_family_of_which_one_moved_away_is_kept(service, phone, now, monkeypatch):
    monkeypatch.setattr(notices, "AT_ONCE", 1)
    person = on(phone, now)
    make_beneficiary(account=person.account, mobile=MOBILE)
    left = Phone(service.url, "/push/phone-2")
    move(on(left, now, mobile=OTHER), now)
    move(person, now)
    notices.forget_left_browsers(now)
    assert [row.mobile for row in Subscription.select()] == [MOBILE]


def test_old_pushes_are_forgotten(service, phone, turn, now):
    on(phone, now)
    notices.show(turn(), now=now)
    notices.forget_old_pushes(now + timedelta(days=1))
    assert Push.select().count() == 1
    notices.forget_old_pushes(now + timedelta(days=3))
    assert Push.select().count() == 0


@pytest.mark.parametrize("is_seen", [True, False])
def test_the_outbox_sends_no_sms_when_the_phone_has_shown_it(service, phone, operator, queue, now, is_seen):
    on(phone, now)
    services.queue("called-1", MOBILE, "your_turn", "en", {"token": "MED-012", "minutes": "2"}, now=now)
    queue.drain()
    assert (Text.get().state, operator.ledger) == ("new", [])
    if is_seen:
        notices.say_shown(phone.read(service.ledger[0])["key"], now=now)
    delivery.send_message(Text.get().id, now + WAIT)
    kept = Text.get()
    assert (kept.state, kept.provider, len(operator.ledger)) == (
        ("delivered", "notify_webpush", 0) if is_seen else ("accepted", "operator", 1)
    )

"""The old number reads that somebody moved to another one, and stops it."""

import pytest

from portal.core.accounts.models import Account
from portal.core.beneficiaries import mobile_changes
from portal.core.beneficiaries.models import Beneficiary, MobileChange
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_staff

NEW = "+919811111111"


@pytest.fixture
def moved(db, now) -> MobileChange:
    person = make_beneficiary()
    return mobile_changes.correct_mobile([person.entry], NEW, desk=make_staff("desk"), by=SYSTEM, now=now)[0]


def old_number(moved, sign_in):
    return sign_in(Account.get(Account.mobile == moved.old))


def test_the_old_number_is_told_where_it_begins_even_with_nobody_left(moved, sign_in):
    page = old_number(moved, sign_in).get("/register").text
    assert "has another mobile number now" in page
    assert f"/my/mobile/{moved.uid}" in page


def test_this_was_not_me_stops_it(moved, sign_in):
    browser = old_number(moved, sign_in)
    shown = browser.get(f"/my/mobile/{moved.uid}").text
    assert "98xxxxxx11" in shown
    assert "9811111111" not in shown
    answer = browser.submit(f"/my/mobile/{moved.uid}/stop", page=f"/my/mobile/{moved.uid}", follow_redirects=True)
    assert "It is stopped" in answer.text
    assert Beneficiary.get().account.mobile == moved.old
    assert "has another mobile number now" not in browser.get("/home").text


def test_after_the_day_the_page_says_where_to_go(moved, sign_in, clock):
    clock.tick(24 * 3600)
    page = old_number(moved, sign_in).get(f"/my/mobile/{moved.uid}").text
    assert "go to your wellness centre" in page
    assert "stop it" not in page


def test_the_new_number_cannot_see_the_page(moved, sign_in):
    assert sign_in(Beneficiary.get()).get(f"/my/mobile/{moved.uid}").status_code == 404

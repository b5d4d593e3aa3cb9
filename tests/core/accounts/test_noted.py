"""Who signed in, who was refused, and what was done to whose account: all of it stands in the audit chain."""

import pyotp
import pytest

from portal.core.accounts import credentials, second_factor, staff
from portal.core.accounts.models import Account, OtpChallenge, Staff
from portal.core.accounts.otp import code_of
from portal.work.audit import NOBODY, SYSTEM
from tests.core.accounts.conftest import MOBILE
from tests.factories import make_staff
from tests.noted import actor_of, noted

SECRET, PASSWORD = "A" * 32, "correct horse battery staple"
ENTRY = {"name": "Sunil Rao"}
# An administrator's pages of one person, what is typed there, and what is noted.
ON_STAFF = [
    ("", ENTRY, "StaffChanged"),
    ("/code", {}, "StaffCodeGiven"),
    ("/sign-out", {}, "StaffSignedOut"),
    ("/second-factor", {}, "StaffSecondFactorReset"),
    ("/disable", {}, "StaffDisabled"),
]


@pytest.fixture
def auditor(db) -> Staff:
    return make_staff(
        "auditor",
        username="auditor.one",
        totp_secret=credentials.seal(SECRET),
        password_hash=credentials.hash_password(PASSWORD),
    )


def code(clock) -> str:
    return pyotp.TOTP(SECRET).at(clock.now())


def log_in(browser, **form: str) -> None:
    browser.submit("/staff/login", {"username": "auditor.one"} | form, page="/staff/login")


@pytest.mark.parametrize(("page", "form", "action"), ON_STAFF)
def test_what_an_administrator_does_to_somebody(sign_in, auditor, page, form, action):
    admin = make_staff("admin")
    browser, address = sign_in(admin), f"/admin/staff/{auditor.uid}"
    assert noted(lambda: browser.submit(address + page, form, page=address)) == [(action, actor_of(admin), auditor.uid)]


def test_an_account_that_is_opened_again(db, now):
    person = make_staff("desk", disabled_at=now)
    assert noted(lambda: staff.enable_staff(person, by=SYSTEM, now=now)) == [("StaffEnabled", SYSTEM, person.uid)]


def test_somebody_new(sign_in, db):
    admin = make_staff("admin")
    browser = sign_in(admin)
    notes = noted(lambda: browser.submit("/admin/staff/new", ENTRY | {"username": "new.one", "role": "auditor"}))
    uid = Staff.get(Staff.username == "new.one").uid
    assert notes == [(what, actor_of(admin), uid) for what in ("StaffAdded", "StaffCodeGiven")]


def test_a_second_factor_set_up_by_its_owner(sign_in, db, clock):
    desk = make_staff("desk")
    browser = sign_in(desk)
    with browser.session_transaction() as session:
        session["factor"] = SECRET
    notes = noted(lambda: browser.submit("/staff/second-factor", {"code": code(clock)}))
    assert notes == [("StaffSecondFactorSet", actor_of(desk), desk.uid)]


def test_new_codes_on_paper(sign_in, auditor):
    browser = sign_in(auditor)
    notes = noted(lambda: browser.submit("/staff/recovery-codes", page="/staff/second-factor"))
    assert notes == [("StaffRecoveryCodesMade", actor_of(auditor), auditor.uid)]


def test_a_code_on_paper_that_was_used(client, auditor, now):
    paper, *_others = second_factor._new_codes(auditor)
    log_in(client, password=PASSWORD)
    notes = noted(lambda: log_in(client, code=paper))
    assert notes == [(what, actor_of(auditor), auditor.uid) for what in ("StaffRecoveryCodeUsed", "StaffSignedIn")]


def test_a_second_factor_proven_once_more(sign_in, auditor, clock):
    browser = sign_in(auditor)
    notes = noted(lambda: browser.submit("/staff/confirm", {"code": code(clock)}))
    assert notes == [("StaffSteppedUp", actor_of(auditor), auditor.uid)]


@pytest.mark.parametrize(("username", "whom"), [("auditor.one", "{uid}"), ("nobody.at.all", "unknown")])
def test_a_wrong_password_is_nobodys(client, auditor, username, whom):
    notes = noted(lambda: log_in(client, username=username, password="wrong"))
    assert notes == [("StaffSignInRefused", NOBODY, whom.format(uid=auditor.uid))]


def test_a_family_that_comes_in(client, ask, enter):
    asked = noted(lambda: ask(client))
    assert asked == [("OtpRequested", NOBODY, OtpChallenge.get().uid)]
    entered = noted(lambda: enter(client, code_of(OtpChallenge.get())))
    account = Account.get(Account.mobile == MOBILE)
    assert entered == [("AccountSignedIn", actor_of(account), account.uid)]

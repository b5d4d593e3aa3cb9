"""Staff choose their own passwords: with a one-time code that an administrator handed over, and later by themselves."""

import pyotp
import pytest
from lxml import html

from portal.core.accounts import credentials, staff
from portal.core.accounts.models import SignIn, Staff
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_centre, make_staff

PASSWORD, OTHER = "correct horse battery staple", "green river bottle"
SECRET = "A" * 32
ENTRY = {"username": "new.one", "role": "auditor", "name": "Sunil Rao"}


def code_shown(text: str) -> str:
    return html.fromstring(text).xpath("string(//dt[.='Code']/following-sibling::dd)")


def log_in(browser, password, username="new.one"):
    return browser.submit("/staff/login", {"username": username, "password": password})


def choose(browser, password=PASSWORD, again=PASSWORD):
    return browser.submit("/staff/choose-password", {"password": password, "again": again})


@pytest.fixture
def code(sign_in, db) -> str:
    """The code that an administrator was shown for somebody new."""
    return code_shown(sign_in(make_staff("admin")).submit("/admin/staff/new", ENTRY).text)


def test_somebody_new_chooses_a_password_with_the_code_and_is_in(client, code):
    answer = log_in(client, code.lower().replace(" ", "-"))
    assert (answer.status_code, answer.location) == (303, "/staff/choose-password")
    assert client.get("/admin/audit").status_code == 303  # not signed in yet
    assert choose(client).location == "/admin/audit"
    assert client.get("/admin/audit").status_code == 200
    assert [row.action for row in AuditRow.select().order_by(AuditRow.id)][-2:] == [
        "StaffPasswordChanged",
        "StaffSignedIn",
    ]


def test_a_used_code_opens_nothing_any_more(app, client, code):
    log_in(client, code)
    choose(client)
    again = app.test_client()
    assert log_in(again, code).status_code == 422
    assert log_in(again, PASSWORD).location == "/admin/audit"


def test_a_code_is_over_after_three_days(client, code, clock):
    clock.tick(staff.CODE_LASTS.total_seconds())
    answer = log_in(client, code)
    assert answer.status_code == 422
    assert "This code is over" in answer.text


def test_a_code_that_is_over_while_the_form_is_open_leads_back_to_the_sign_in(client, code, clock):
    log_in(client, code)
    clock.tick(301)
    assert choose_page(client) == "/staff/login"


def choose_page(browser) -> str | None:
    return browser.get("/staff/choose-password").location


def test_without_a_code_there_is_nothing_to_choose(client, db):
    assert choose_page(client) == "/staff/login"


def test_a_mistyped_password_is_named_at_its_field_and_the_code_stays_good(client, code):
    log_in(client, code)
    answer = choose(client, again=OTHER)
    assert answer.status_code == 422
    assert "The two are not the same" in answer.text
    assert choose(client).status_code == 303


def test_with_a_second_factor_its_code_is_asked_before_the_password_is_chosen(client, db, now, clock):
    person = make_staff("auditor", username="new.one", totp_secret=credentials.seal(SECRET))
    code = staff.give_code(person, by=SYSTEM, now=now)
    assert log_in(client, code).location == "/staff/login"
    assert choose_page(client) == "/staff/login"
    answer = client.submit("/staff/login", {"code": pyotp.TOTP(SECRET).at(clock.now())})
    assert answer.location == "/staff/choose-password"
    assert choose(client).location == "/admin/audit"


def test_a_new_code_makes_the_one_before_void(client, sign_in, code):
    person = Staff.get(Staff.username == "new.one")
    admin = sign_in(make_staff("admin"))
    newer = code_shown(admin.submit(f"/admin/staff/{person.uid}/code", page=f"/admin/staff/{person.uid}").text)
    assert log_in(client, code).status_code == 422
    assert log_in(client, newer).status_code == 303


def test_the_own_password_is_changed_and_every_other_sign_in_ends(app, sign_in):
    person = make_staff("auditor", username="new.one", password_hash=credentials.hash_password(PASSWORD))
    here, elsewhere = sign_in(person), sign_in(person)
    form = {"current": PASSWORD, "password": OTHER, "again": OTHER}
    assert here.submit("/staff/password", form).location == "/admin/audit"
    assert (here.get("/admin/audit").status_code, elsewhere.get("/admin/audit").status_code) == (200, 303)
    assert log_in(app.test_client(), OTHER).location == "/admin/audit"


@pytest.mark.parametrize("weak", ["password123456", "paramarsh-2026", "meenakshi2026", "motibagh@123"])
def test_what_is_guessed_first_is_refused_at_its_field_in_both_languages(sign_in, weak):
    centre = make_centre("07", name="Moti Bagh", name_hi="मोती बाग")
    person = make_staff("desk", name="Meenakshi Iyer", centre=centre, password_hash=credentials.hash_password(PASSWORD))
    browser, form = sign_in(person), {"current": PASSWORD, "password": weak, "again": weak}
    answer = browser.submit("/staff/password", form)
    assert (answer.status_code, 'id="password-error"' in answer.text) == (422, True)
    assert "three or four words" in answer.text
    browser.get("/lang/hi")
    assert "तीन-चार ऐसे शब्द" in browser.submit("/staff/password", form).text
    assert Staff.get_by_id(person.id).password_hash == person.password_hash


def test_without_the_present_password_it_is_not_changed(sign_in):
    person = make_staff("auditor", username="new.one", password_hash=credentials.hash_password(PASSWORD))
    answer = sign_in(person).submit("/staff/password", {"current": OTHER, "password": OTHER, "again": OTHER})
    assert answer.status_code == 422
    assert "not your present password" in answer.text
    assert Staff.get_by_id(person.id).password_hash == person.password_hash


def test_an_administrator_sees_who_is_signed_in_and_ends_it(sign_in):
    person = make_staff("auditor")
    browser, admin = sign_in(person), sign_in(make_staff("admin"))
    address = f"/admin/staff/{person.uid}"
    seen = html.fromstring(admin.get(address).text).xpath("string(//dt[.='Browsers signed in']/following-sibling::dd)")
    assert seen.strip() == "1"
    admin.submit(f"{address}/sign-out", page=address)
    assert browser.get("/admin/audit").status_code == 303
    assert SignIn.get(SignIn.staff == person).ended_at

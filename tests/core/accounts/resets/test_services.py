"""Resets of a colleague's sign-in: asked by one administrator, confirmed by another, done within half an hour."""

from datetime import timedelta

import pytest

from portal.contracts import Receipt, SignInWay
from portal.core.accounts import credentials
from portal.core.accounts.elsewhere.models import StaffIdentity
from portal.core.accounts.models import Staff
from portal.core.accounts.resets import services
from portal.core.accounts.resets.models import StaffReset
from portal.settings.clinic import put
from portal.work.audit import Actor, AuditRow
from tests.factories import make_staff
from tests.fakes import install_plugin


@pytest.fixture
def two(db):
    put("staff_reset_needs_two", "yes")
    return make_staff("admin", name="Asha Rao"), make_staff("admin", name="Vikram Sethi")


@pytest.fixture
def doctor(db):
    chosen = credentials.hash_password("four words of a kind")
    secret = credentials.seal(credentials.new_secret())
    return make_staff("doctor", email="dr@example.in", password_hash=chosen, totp_secret=secret)


@pytest.fixture
def letters(app, db):
    sent = []
    install_plugin(app, "mail", send_letter=lambda letter: sent.append(letter) or Receipt("1", "sent"))
    return sent


def press(browser, person, what: str, **fields):
    return browser.submit(f"/admin/staff/{person.uid}/{what}", fields, page=f"/admin/staff/{person.uid}")


def confirm(browser, wish: StaffReset):
    where = f"/admin/resets/{wish.uid}"
    return browser.submit(f"{where}/confirm", page=where)


def test_without_the_setting_one_administrator_resets(db, doctor, sign_in):
    browser = sign_in(make_staff("admin"))
    press(browser, doctor, "second-factor")
    assert Staff.get_by_id(doctor.id).totp_secret == ""
    assert not StaffReset.select().exists()


@pytest.mark.parametrize("what", ["second-factor", "code"])
def test_nothing_is_reset_before_a_second_administrator_confirms(two, doctor, sign_in, what):
    asking, second = (sign_in(each) for each in two)
    before = Staff.get_by_id(doctor.id)
    for _again in range(2):
        assert press(asking, doctor, what).status_code == 303
    after = Staff.get_by_id(doctor.id)
    assert (after.totp_secret, after.password_hash) == (before.totp_secret, before.password_hash)
    wish = StaffReset.get()
    assert f"/admin/resets/{wish.uid}" in second.get("/admin").text
    assert "Another administrator has to confirm this." in asking.get(f"/admin/resets/{wish.uid}").text
    assert confirm(second, wish).status_code == 303
    assert "you may do it until" in asking.get(f"/admin/staff/{doctor.uid}").text
    assert press(asking, doctor, what).status_code == (303 if what == "second-factor" else 200)
    done = Staff.get_by_id(doctor.id)
    assert (done.totp_secret, done.password_hash) != (before.totp_secret, before.password_hash)
    by = {row.action: row.actor_uid for row in AuditRow.select().where(AuditRow.subject == doctor.uid)}
    assert (by["StaffResetAsked"], by["StaffResetConfirmed"]) == (two[0].uid, two[1].uid)


def test_the_second_administrator_can_confirm_but_not_do_it(two, doctor, sign_in):
    asking, second = (sign_in(each) for each in two)
    press(asking, doctor, "second-factor")
    confirm(second, StaffReset.get())
    before = Staff.get_by_id(doctor.id).totp_secret
    press(second, doctor, "second-factor")
    assert (Staff.get_by_id(doctor.id).totp_secret, StaffReset.select().count()) == (before, 2)


def test_a_confirmation_is_for_one_person_one_reset_and_half_an_hour(two, doctor, now):
    asking, second = two
    other = make_staff("doctor")
    by, confirming = Actor("staff", asking.uid), Actor("staff", second.uid)
    assert not services.may_reset(doctor, "factor", asking, by=by, now=now)
    services.confirm_reset(StaffReset.get().uid, second, by=confirming, now=now)
    assert services.may_reset(doctor, "factor", asking, by=by, now=now + timedelta(minutes=29))
    assert not services.may_reset(doctor, "code", asking, by=by, now=now)
    assert not services.may_reset(other, "factor", asking, by=by, now=now)
    assert not services.may_reset(doctor, "factor", asking, by=by, now=now + timedelta(minutes=31))


def test_who_asked_and_whose_sign_in_it_is_do_not_confirm(two, now, sign_in):
    asking, second = two
    assert not services.may_reset(second, "factor", asking, by=Actor("staff", asking.uid), now=now)
    wish = StaffReset.get()
    for each in two:
        assert confirm(sign_in(each), wish).status_code in (400, 409)
        with pytest.raises(services.Conflict):
            services.confirm_reset(wish.uid, each, by=Actor("staff", each.uid), now=now)
    assert StaffReset.get().confirmed_by is None
    third = make_staff("admin")
    services.confirm_reset(wish.uid, third, by=Actor("staff", third.uid), now=now)
    with pytest.raises(services.Conflict):
        services.confirm_reset(wish.uid, third, by=Actor("staff", third.uid), now=now)


def test_an_old_wish_is_not_confirmed(two, doctor, now):
    asking, second = two
    services.may_reset(doctor, "factor", asking, by=Actor("staff", asking.uid), now=now)
    late = now + timedelta(hours=4)
    with pytest.raises(services.Conflict):
        services.confirm_reset(StaffReset.get().uid, second, by=Actor("staff", second.uid), now=late)
    assert services.standing(late) == []


def test_without_a_second_administrator_the_page_says_so_and_nothing_is_asked(db, doctor, sign_in):
    put("staff_reset_needs_two", "yes")
    make_staff("admin", disabled_at=doctor.created_at)
    answer = press(sign_in(make_staff("admin")), doctor, "second-factor")
    assert (answer.status_code, "no second administrator" in answer.text) == (409, True)
    assert not StaffReset.select().exists()


NEW = {
    "username": "new.admin",
    "name": "New",
    "centre": "",
    "specialty": "",
    "qualification": "",
    "registration_number": "",
}


def test_a_new_administrator_needs_two_and_any_other_newcomer_does_not(two, sign_in):
    browser = sign_in(two[0])
    answer = browser.submit("/admin/staff/new", NEW | {"role": "admin"})
    added = Staff.get(Staff.username == "new.admin")
    assert (answer.status_code, added.password_hash) == (303, credentials.NOBODYS)
    assert StaffReset.get().staff == added
    answer = browser.submit("/admin/staff/new", NEW | {"role": "auditor", "username": "new.auditor"})
    assert (answer.status_code, "Code for" in answer.text) == (200, True)
    newcomer = Staff.get(Staff.username == "new.auditor")
    press(browser, newcomer, "code")
    assert StaffReset.select().where(StaffReset.staff == newcomer).exists()


def test_an_identity_elsewhere_is_named_after_a_confirmation_only(app, two, doctor, sign_in):
    install_plugin(app, "clinic_id", staff_sign_in=lambda: SignInWay("Elsewhere", "/x/clinic_id/start"))
    asking, where = sign_in(two[0]), f"/admin/staff/{doctor.uid}/identities"
    named = {"plugin": "clinic_id", "known_as": "dr@example.in"}
    asking.submit(where, named)
    assert not StaffIdentity.select().exists()
    confirm(sign_in(two[1]), StaffReset.get())
    asking.submit(where, named)
    assert StaffIdentity.get().staff == doctor

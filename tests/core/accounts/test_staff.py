"""Staff: added, disabled, given a new password."""

import pytest

from portal.base.errors import Conflict, Invalid
from portal.core.accounts import credentials, staff
from portal.core.accounts.models import Staff
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_centre, make_specialty, make_staff

PASSWORD = "correct horse battery staple"
DOCTOR = {
    "role": "doctor",
    "name": "Dr  Asha Verma ",
    "specialty": "medicine",
    "qualification": "MD",
    "registration_number": "DMC-20411",
    "password": PASSWORD,
}


def add(now, username="dr.new", **values) -> Staff:
    make_specialty()
    make_centre()
    return staff.add_staff(username, by=SYSTEM, now=now, **DOCTOR | values)


def test_a_doctor_is_added(db, now):
    added = add(now, "Dr.New")
    assert (added.username, added.name, added.specialty.code) == ("dr.new", "Dr Asha Verma", "medicine")
    assert credentials.is_right(PASSWORD, added.password_hash)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"username": "x"}, {"username"}),
        ({"username": "with blank"}, {"username"}),
        ({"role": "nurse"}, {"role"}),
        ({"name": " "}, {"name"}),
        ({"name": "x" * 251}, {"name"}),
        ({"password": "short"}, {"password"}),
        ({"password": "aaaaaaaaaaaaaa"}, {"password"}),
        ({"specialty": "magic"}, {"specialty"}),
        ({"qualification": " "}, {"qualification"}),
        ({"qualification_hi": "x" * 251}, {"qualification_hi"}),
        ({"registration_number": "x" * 41}, {"registration_number"}),
        ({"role": "pharmacist", "centre": "99"}, {"centre"}),
        ({"username": "x", "role": "nurse", "name": "", "password": ""}, {"username", "role", "name", "password"}),
    ],
)
def test_every_wrong_field_is_named_and_nobody_is_added(db, now, values, fields):
    with pytest.raises(Invalid) as refusal:
        add(now, **values)
    assert set(refusal.value.fields) == fields
    assert Staff.select().count() == 0


def test_a_user_name_is_unique(db, now):
    add(now)
    with pytest.raises(Invalid) as refusal:
        add(now, "DR.NEW")
    assert refusal.value.fields == {"username": "This user name is taken."}


def test_a_disabled_person_is_signed_out_at_the_next_request(sign_in, now):
    person = make_staff("desk")
    browser = sign_in(person)
    assert browser.get("/desk").status_code == 200
    staff.disable_staff(person, by=SYSTEM, now=now)
    assert browser.get("/desk").status_code == 303
    answer = browser.get("/desk", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")
    staff.enable_staff(Staff.get_by_id(person.id), by=SYSTEM, now=now)
    assert browser.get("/desk").status_code == 303


def test_nobody_disables_the_own_account(db, now):
    person = make_staff("admin")
    with pytest.raises(Conflict):
        staff.disable_staff(person, by=Actor("staff", person.uid), now=now)
    assert Staff.get_by_id(person.id).disabled_at is None


def test_a_new_password_ends_every_sign_in(sign_in, now):
    person = make_staff("desk")
    browser = sign_in(person)
    staff.set_password(person, PASSWORD, by=SYSTEM, now=now)
    assert browser.get("/desk").status_code == 303


def test_a_weak_new_password_changes_nothing(db, now):
    person = make_staff("desk")
    with pytest.raises(Invalid):
        staff.set_password(person, "password", by=SYSTEM, now=now)
    assert Staff.get_by_id(person.id).password_hash == person.password_hash

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
        ({"username": "x", "role": "nurse", "name": "", "password": "p"}, {"username", "role", "name", "password"}),
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


def test_a_code_ends_every_sign_in_and_makes_the_password_before_it_void(sign_in, now):
    person = make_staff("desk", password_hash=credentials.hash_password(PASSWORD))
    browser = sign_in(person)
    staff.give_code(person, by=SYSTEM, now=now)
    assert browser.get("/desk").status_code == 303
    assert not credentials.is_right(PASSWORD, Staff.get_by_id(person.id).password_hash)


def test_nobody_gives_a_code_to_oneself(db, now):
    person = make_staff("admin")
    with pytest.raises(Conflict):
        staff.give_code(person, by=Actor("staff", person.uid), now=now)


@pytest.mark.parametrize(
    ("password", "again", "field"), [("password", "password", "password"), (PASSWORD, "correct horse", "again")]
)
def test_a_weak_or_mistyped_password_changes_nothing(db, now, password, again, field):
    person = make_staff("desk")
    staff.give_code(person, by=SYSTEM, now=now)
    given = Staff.get_by_id(person.id)
    with pytest.raises(Invalid) as refusal:
        staff.choose_password(given, password, again, now=now)
    assert set(refusal.value.fields) == {field}
    assert Staff.get_by_id(person.id).password_hash == given.password_hash


def test_a_code_chooses_one_password_only(db, now):
    person = make_staff("desk")
    staff.give_code(person, by=SYSTEM, now=now)
    first, second = Staff.get_by_id(person.id), Staff.get_by_id(person.id)
    staff.choose_password(first, PASSWORD, PASSWORD, now=now)
    with pytest.raises(Conflict):
        staff.choose_password(second, "another long password", "another long password", now=now)
    assert credentials.is_right(PASSWORD, Staff.get_by_id(person.id).password_hash)


def test_somebody_without_a_password_or_code_cannot_sign_in(client, now):
    person = add(now, password="")
    assert person.password_hash == credentials.NOBODYS
    for password in ("", credentials.NOBODYS):
        answer = client.submit("/staff/login", {"username": "dr.new", "password": password})
        assert answer.status_code == 422

"""Letters to staff about their sign-in: a code that nobody else sees, and what two administrators have agreed."""

import pytest

from portal.contracts import GatewayError
from portal.core.accounts import credentials
from portal.core.accounts import staff as people
from portal.core.accounts.models import Staff
from portal.core.accounts.resets.models import StaffReset, StaffResetConfirmed
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event
from tests.core.accounts.resets.test_services import confirm, press
from tests.core.accounts.resets.test_services import doctor as doctor
from tests.core.accounts.resets.test_services import letters as letters
from tests.core.accounts.resets.test_services import two as two
from tests.factories import make_staff
from tests.fakes import install_plugin


def test_the_person_and_the_asking_administrator_are_told_once_it_is_confirmed(two, doctor, letters, queue, sign_in):
    Staff.update(email="asha@example.in").where(Staff.id == two[0].id).execute()
    asking, second = (sign_in(each) for each in two)
    press(asking, doctor, "second-factor")
    queue.drain()
    assert letters == []
    confirm(second, StaffReset.get())
    queue.drain()
    assert sorted(letter.to for letter in letters) == [("asha@example.in",), ("dr@example.in",)]
    told = next(letter for letter in letters if letter.to == ("dr@example.in",))
    assert "tell the clinic at once" in told.text
    assert StaffResetConfirmed.of(Event.get(Event.name == "StaffResetConfirmed")).asked_by == two[0].uid
    assert len({letter.uid for letter in letters}) == 2


def test_a_code_is_mailed_and_shown_to_nobody(db, doctor, letters, sign_in):
    answer = press(sign_in(make_staff("admin")), doctor, "code", mail="yes")
    (letter,) = letters
    code = next(line for line in letter.text.splitlines() if line.startswith("Your code")).split(": ")[1]
    assert letter.to == ("dr@example.in",)
    assert code not in answer.text
    assert "Nobody here has seen it" in answer.text
    person = Staff.get_by_id(doctor.id)
    assert credentials.is_right(credentials.plain_code(code), person.password_hash)
    assert AuditRow.select().where(AuditRow.action == "StaffCodeMailed").count() == 1


def failing(letter):
    raise GatewayError("mailbox is full", permanent=True)


def breaking(letter):
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("hook", "why"), [(failing, "mailbox is full"), (breaking, "ZeroDivisionError"), (lambda letter: None, "took it")]
)
def test_a_code_that_could_not_be_mailed_is_shown_with_the_reason(app, db, doctor, sign_in, hook, why):
    install_plugin(app, "mail", send_letter=hook)
    answer = press(sign_in(make_staff("admin")), doctor, "code", mail="yes")
    assert (answer.status_code, why in answer.text) == (200, True)
    assert "<dt>Code</dt>" in answer.text
    assert not AuditRow.select().where(AuditRow.action == "StaffCodeMailed").exists()


def test_without_an_address_or_a_plugin_nothing_is_offered(app, db, doctor, sign_in):
    browser = sign_in(make_staff("admin"))
    page = f"/admin/staff/{doctor.uid}"
    assert "E-mail a new code" not in browser.get(page).text
    assert "no address is set" in press(browser, doctor, "code", mail="yes").text
    install_plugin(app, "mail", send_letter=failing)
    assert "E-mail a new code" in browser.get(page).text
    Staff.update(email="").where(Staff.id == doctor.id).execute()
    assert "E-mail a new code" not in browser.get(page).text


@pytest.mark.parametrize("wrong", ["a", "a@b", "a@b.in, c@d.in", "a b@example.in", "x" * 120 + "@example.in"])
def test_a_wrong_address_is_refused(db, doctor, now, wrong):
    entry = people.entry_of(doctor) | {"email": wrong}
    with pytest.raises(people.Invalid) as error:
        people.change_staff(doctor, by=SYSTEM, now=now, **entry)
    assert list(error.value.fields) == ["email"]
    assert Staff.get_by_id(doctor.id).email == "dr@example.in"

"""Announcements and leave: what each role is offered on the form."""

import pytest
from lxml import html

from tests.factories import make_specialty, make_staff


def choices(browser, path: str, field: str) -> list[str]:
    """The values of a select of the page; empty when there is none."""
    values = html.fromstring(browser.get(path).text).xpath(f"//select[@name='{field}']/option/@value")
    return [str(value) for value in values if value]


@pytest.mark.parametrize(("role", "offered"), [("doctor", []), ("desk", ["eye"]), ("admin", ["eye"])])
def test_a_doctor_announces_to_the_own_specialty_alone(sign_in, db, role, offered):
    eye = make_specialty("eye")
    make_specialty("ent", active=False)
    person = make_staff(role, specialty=eye) if role == "doctor" else make_staff(role)
    assert choices(sign_in(person), "/announcements", "specialty") == offered


def test_the_administrator_chooses_among_the_doctors_who_work_here(sign_in, db, now):
    doctor, _gone, admin = make_staff("doctor"), make_staff("doctor", disabled_at=now), make_staff("admin")
    assert choices(sign_in(admin), "/leave", "doctor") == [doctor.username]
    assert choices(sign_in(doctor), "/leave", "doctor") == []

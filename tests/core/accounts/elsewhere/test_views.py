"""Identities are named by an administrator; a sign-in asks for the second factor as the clinic has set it."""

import pyotp
import pytest
from flask import session

from portal.base.errors import NotAllowed
from portal.contracts import SignInWay, VerifiedIdentity
from portal.core.accounts import credentials
from portal.core.accounts.elsewhere import services, views
from portal.core.accounts.elsewhere.models import StaffIdentity
from portal.core.accounts.models import SignIn, Staff
from portal.settings.stored import Setting
from portal.work.audit import SYSTEM
from tests.factories import make_staff
from tests.fakes import install_plugin

ASHA = VerifiedIdentity("sub-asha", "asha@hospital.example")


@pytest.fixture
def doctor(app, db, now):
    install_plugin(app, "oidc", staff_sign_in=lambda: SignInWay("Elsewhere", "/x/oidc/start"))
    staff = make_staff("doctor")
    services.name_identity(staff, "oidc", ASHA.email, by=SYSTEM, now=now)
    return staff


def with_second_factor(staff) -> None:
    Staff.update(totp_secret=credentials.seal(pyotp.random_base32())).where(Staff.id == staff.id).execute()


def test_the_person_is_signed_in_and_led_on(app, doctor):
    with app.test_request_context("/"):
        answer = views.sign_in("oidc", ASHA, "/board")
        assert (answer.status_code, answer.location) == (303, "/board")
    assert SignIn.select().where(SignIn.staff == doctor).count() == 1


def test_a_second_factor_of_the_portal_is_asked_for(app, doctor):
    with_second_factor(doctor)
    with app.test_request_context("/"):
        answer = views.sign_in("oidc", ASHA, "/board")
        assert answer.location == "/staff/login?next=/board"
        assert session["half"]["staff"] == doctor.uid
    assert SignIn.select().count() == 0


def test_a_clinic_leaves_the_second_factor_to_the_other_side(app, doctor):
    with_second_factor(doctor)
    Setting.create(key="elsewhere_second_factor", value="other")
    with app.test_request_context("/"):
        assert views.sign_in("oidc", ASHA, "").location == "/board"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/admin"])
def test_nobody_is_led_to_another_site_or_to_a_page_of_others(app, doctor, target):
    with app.test_request_context("/"):
        assert views.sign_in("oidc", ASHA, target).location == "/board"


def test_a_plugin_that_offers_no_sign_in_signs_nobody_in(app, doctor):
    install_plugin(app, "mute")
    with app.test_request_context("/"), pytest.raises(NotAllowed):
        views.sign_in("mute", ASHA, "")


def test_the_administrator_names_and_removes_an_identity(doctor, sign_in):
    admin, other = sign_in(make_staff("admin")), make_staff("desk")
    page = f"/admin/staff/{other.uid}/identities"
    assert "None." in admin.get(page).text
    form = {"plugin": "oidc", "known_as": "desk@hospital.example"}
    assert admin.submit(page, form).status_code == 303
    assert "desk@hospital.example" in admin.get(page).text
    refused = admin.submit(page, form | {"known_as": ASHA.email})
    assert refused.status_code == 422
    assert "already" in refused.text
    assert admin.submit(page, form | {"plugin": "nothing"}).status_code == 422
    row = StaffIdentity.get(StaffIdentity.staff == other)
    assert admin.submit(f"{page}/{row.uid}/remove", {}, page=page).status_code == 303
    assert services.identities_of(other) == []

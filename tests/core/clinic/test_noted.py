"""Changes of masters and of a session's quota stand in the audit chain, with the administrator who made them."""

import pytest

from portal.core.clinic.models import ClinicSession, Holiday
from tests.factories import make_session, make_staff
from tests.noted import actor_of, noted


@pytest.fixture
def admin(db):
    return make_staff("admin")


@pytest.fixture
def browser(admin, sign_in):
    return sign_in(admin)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("centres", {"code": "77", "name": "Rohini"}),
        ("specialties", {"code": "skin", "prefix": "SKI", "name": "Skin"}),
        ("holidays", {"day": "2026-12-25", "name": "Christmas"}),
    ],
)
def test_a_new_row_of_a_master(browser, admin, kind, form):
    assert noted(lambda: browser.submit(f"/admin/{kind}", form)) == [("MasterSaved", actor_of(admin), kind)]


def test_a_holiday_that_is_none_any_more(browser, admin, now):
    day = Holiday.create(day=now.date(), name="Christmas")
    notes = noted(lambda: browser.submit(f"/admin/holidays/{day.id}/delete", page="/admin/holidays"))
    assert notes == [("HolidayDeleted", actor_of(admin), str(day.id))]


def test_a_quota(browser, admin):
    session: ClinicSession = make_session()
    address = f"/admin/sessions/{session.uid}/quota"
    notes = noted(lambda: browser.submit(address, {"quota": "80"}, page="/admin/sessions"))
    assert notes == [("SessionQuotaChanged", actor_of(admin), session.uid)]

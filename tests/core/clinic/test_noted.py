"""Audit of changes of master data and quotas, with the administrator."""

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
def test_a_new_row_of_master_data_is_audited(browser, admin, kind, form):
    assert noted(lambda: browser.submit(f"/admin/{kind}", form)) == [("MasterSaved", actor_of(admin), kind)]


def test_a_deleted_holiday_is_audited(browser, admin, now):
    day = Holiday.create(day=now.date(), name="Christmas")
    notes = noted(lambda: browser.submit(f"/admin/holidays/{day.id}/delete", page="/admin/holidays"))
    assert notes == [("HolidayDeleted", actor_of(admin), str(day.id))]


def test_a_changed_quota_is_audited(browser, admin):
    session: ClinicSession = make_session()
    address = f"/admin/sessions/{session.uid}/quota"
    notes = noted(lambda: browser.submit(address, {"quota": "80"}, page="/admin/sessions"))
    assert notes == [("SessionQuotaChanged", actor_of(admin), session.uid)]

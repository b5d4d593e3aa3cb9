"""Master data: centres, specialties, holidays, and a session's quota, with valid and invalid input."""

import pytest

from portal.core.clinic.masters_views import PAGE
from portal.core.clinic.models import Centre, ClinicSession, Holiday, Specialty
from tests.factories import make_centre, make_session, make_specialty, make_staff


@pytest.fixture
def browser(sign_in):
    make_session()
    return sign_in(make_staff("admin"))


def test_a_centre_is_added_changed_and_deactivated(browser):
    browser.submit("/admin/centres", {"code": "77", "name": "Rohini", "active": "yes"})
    centre = Centre.get(Centre.code == "77")
    browser.submit("/admin/centres", {"row": str(centre.id), "code": "77", "name": "Rohini East", "active": "no"})
    changed = Centre.get_by_id(centre.id)
    assert (changed.name, changed.active) == ("Rohini East", False)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("centres", {"code": "", "name": "x"}),
        ("centres", {"code": "123456789", "name": "x"}),
        ("centres", {"code": "01", "name": "again"}),
        ("specialties", {"code": "skin", "prefix": "", "name": "Skin"}),
        ("holidays", {"day": "soon", "name": "x"}),
        ("holidays", {"day": "", "name": "x"}),
        ("holidays", {"day": "2026-12-25", "name": ""}),
    ],
)
def test_an_invalid_row_is_refused_and_nothing_changes(browser, kind, form):
    make_centre("01")
    make_specialty()
    before = (Centre.select().count(), Specialty.select().count(), Holiday.select().count())
    assert browser.submit(f"/admin/{kind}", form).status_code == 422
    assert (Centre.select().count(), Specialty.select().count(), Holiday.select().count()) == before


def test_a_holiday_is_added_and_deleted(browser):
    browser.submit("/admin/holidays", {"day": "2026-12-25", "name": "Christmas"})
    row = Holiday.get()
    browser.submit(f"/admin/holidays/{row.id}/delete", page="/admin/holidays")
    assert not Holiday.select().exists()


def test_the_quota_of_a_session_is_changed_by_valid_input_only(browser):
    session = ClinicSession.get()
    browser.submit(f"/admin/sessions/{session.uid}/quota", {"quota": "८०"}, page="/admin/sessions")
    assert (
        browser.submit(f"/admin/sessions/{session.uid}/quota", {"quota": "many"}, page="/admin/sessions").status_code
        == 422
    )
    assert ClinicSession.get_by_id(session.id).quota == 80


@pytest.mark.parametrize(
    ("typed", "status"), [("26/01/2027", 303), ("२६-१-२०२७", 303), ("20270126", 422), ("2027-W04-2", 422)]
)
def test_the_day_of_a_holiday_is_read_in_several_spellings(browser, typed, status):
    assert browser.submit("/admin/holidays", {"day": typed, "name": "Republic Day"}).status_code == status
    assert [str(row.day) for row in Holiday.select()] == (["2027-01-26"] if status == 303 else [])


def test_a_specialty_is_made_private_and_a_form_without_the_switch_leaves_it_so(browser):
    row = make_specialty("medicine")
    typed = {"row": str(row.id), "code": "medicine", "prefix": "MED", "name": "Medicine"}
    browser.submit("/admin/specialties", typed | {"is_private": "yes"})
    assert Specialty.get_by_id(row.id).is_private
    browser.submit("/admin/specialties", typed)
    assert Specialty.get_by_id(row.id).is_private
    browser.submit("/admin/specialties", typed | {"is_private": "no"})
    assert not Specialty.get_by_id(row.id).is_private


def test_holidays_to_come_stand_before_those_that_are_over_and_each_can_be_changed(browser):
    for number in range(PAGE + 1):
        Holiday.create(day=f"2026-{'12' if number else '01'}-{number + 1:02}", name=f"Feast {number:02}")
    first, second = (browser.get(f"/admin/holidays?page={number}").text for number in (1, 2))
    assert ("Feast 01" in first, "Feast 00" in first) == (True, False)
    assert "Feast 00" in second
    over = Holiday.get(Holiday.name == "Feast 00")
    assert 'value="Feast 00"' in browser.get(f"/admin/holidays?edit={over.id}").text
    assert browser.get("/admin/holidays?edit=99999999999999999999").status_code == 200

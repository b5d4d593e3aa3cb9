"""The error summary lists the wrong fields in the order of the page, so that people mend them from top to bottom."""

import pytest
from lxml import html

from tests.consulting import typed
from tests.factories import make_beneficiary, make_centre, make_session, make_specialty, make_staff, make_visit

WRONG_NOTES = {
    "advice": "x" * 4001,
    "complaints": "x" * 4001,
    "icd10": "?",
    "follow_up_on": "?",
    "seen_in_person_on": "?",
    "vitals-pulse": "?",
    "vitals-systolic": "?",
    "items-0-taken_since": "x" * 41,
    "items-0-quantity": "?",
    "items-0-dose": "x" * 61,
    "items-0-duration_days": "?",
    "items-1-drug": "",
    "diagnosis": "",
    "identity": "",
}
LONG_TEXT = {"kind": "other", "text": "", "text_hi": "x" * 1000, "minutes": "7"}


@pytest.fixture
def somebody(db):
    make_session()
    make_specialty("eye")
    return {
        "admin": make_staff("admin"),
        "officer": make_staff("medical_officer", centre=make_centre("01")),
        "family": make_beneficiary(),
        "doctor": make_staff("doctor"),
    }


def assert_in_order(answer):
    """Require several wrong fields, and that the summary has them in the order of the page."""
    page = html.fromstring(answer.text)
    linked = [link.removeprefix("#") for link in page.xpath("//*[@id='errors']//a/@href")]
    there = [name for name in page.xpath("//*[@id]/@id") if name in linked]
    assert answer.status_code == 422
    assert len(linked) > 1
    assert linked == there


@pytest.mark.parametrize(
    ("who", "address", "form"),
    [
        ("officer", "/referrals/new", {}),
        ("admin", "/admin/staff/new", {"role": "doctor"}),
        ("admin", "/admin/staff/new", {"role": "medical_officer"}),
        ("admin", "/admin/staff/new", {}),
        ("admin", "/admin/settings", {"helpline": "", "opens_at": "?", "working_days": "8", "call_seconds": "0"}),
        ("admin", "/admin/holidays", {}),
        ("admin", "/announcements", LONG_TEXT),
        ("family", "/register", {}),
        ("family", "/tokens/new", {}),
    ],
)
def test_wrong_fields_are_listed_in_the_order_of_the_page(somebody, sign_in, who, address, form):
    assert_in_order(sign_in(somebody[who]).submit(address, form))


def test_wrong_fields_of_the_notes_are_listed_in_the_order_of_the_page(sign_in, db):
    visit = make_visit("in_call")
    page = f"/visits/{visit.uid}/consult"
    assert_in_order(sign_in(visit.doctor).submit(f"/visits/{visit.uid}/prescription", typed(**WRONG_NOTES), page=page))

"""Pagination: every row is on exactly one page, whatever page number the URL has."""

import pytest

from portal.core.accounts.models import Staff
from portal.core.referrals.models import Referral
from portal.core.referring.officer_views import PAGE
from portal.store.listing import MAX_PAGE, page_of, page_of_list
from tests.factories import make_beneficiary, make_centre, make_entry, make_referral, make_staff, make_visit

HUGE = "99999999999999999999"


def numbers_of(listed) -> list[str]:
    return [row.username for row in listed.rows]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pagination_puts_every_row_on_exactly_one_page(db, size):
    for number in range(6):
        make_staff(username=f"doctor.{number}")
    found, seen, number, more = Staff.select().order_by(Staff.username), [], 1, True
    while more:
        listed = page_of(found, number, size)
        assert listed.number == number
        seen += numbers_of(listed)
        number, more = number + 1, listed.more
    assert seen == [f"doctor.{number}" for number in range(6)]


@pytest.mark.parametrize("number", [-1, 0, 1])
def test_page_numbers_below_one_give_the_first_page(db, number):
    make_staff(username="doctor.0")
    assert numbers_of(page_of(Staff.select(), number, 5)) == ["doctor.0"]


@pytest.mark.parametrize("number", [4, MAX_PAGE, 10**30])
def test_page_numbers_past_the_end_give_the_last_page(db, number):
    for each in range(6):
        make_staff(username=f"doctor.{each}")
    listed = page_of(Staff.select().order_by(Staff.username), number, 4)
    assert (numbers_of(listed), listed.number, listed.more) == (["doctor.4", "doctor.5"], 2, False)


def test_an_empty_query_has_one_empty_page(db):
    listed = page_of(Staff.select(), 10**30, 4)
    assert (listed.rows, listed.number, listed.more) == ([], 1, False)


@pytest.mark.parametrize("page", ["2", HUGE, f"-{HUGE}", "x", "1e9", "٢", ""])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("medical_officer", "/referrals"),
        ("admin", "/admin/staff"),
        ("admin", "/admin/audit"),
        ("auditor", "/admin/audit"),
        ("admin", "/admin/messages"),
    ],
)
def test_no_page_number_breaks_a_list(sign_in, role, path, page):
    assert sign_in(make_staff(role)).get(f"{path}?page={page}&before={page}&q={page}").status_code == 200


@pytest.mark.parametrize("row", [HUGE, "2147483648", "²", "-1", "0"])
def test_no_row_id_breaks_a_form(sign_in, row):
    make_centre("01")
    admin = sign_in(make_staff("admin"))
    page = {"page": "/admin/holidays"}
    assert admin.submit(f"/admin/holidays/{row}/delete", **page).status_code == 404
    form = {"row": row, "code": "02", "name": "Sarojini Nagar"}
    assert admin.submit("/admin/centres", form).status_code == 404


def test_every_referral_is_on_a_page(sign_in):
    officer = make_staff("medical_officer")
    for _ in range(2 * PAGE + 3):
        make_referral(make_entry(), officer=officer)
    browser = sign_in(officer)
    pages = [browser.get(f"/referrals?page={number}").text for number in (1, 2, 3)]
    for row in Referral.select():
        assert sum(f">{row.number}<" in text for text in pages) == 1, row.number
    assert ['rel="next"' in text for text in pages] == [True, True, False]
    assert ['rel="prev"' in text for text in pages] == [False, True, True]
    assert browser.get(f"/referrals?page={HUGE}").text.count("<td") == pages[2].count("<td")


def test_pagination_reaches_the_oldest_visit(sign_in):
    person = make_beneficiary()
    for _ in range(31):
        make_visit("completed", beneficiary=person)
    browser = sign_in(person)
    assert "MED-001<" not in browser.get("/home").text
    assert "page=2" in browser.get("/home").text
    assert "MED-001<" in browser.get("/home?page=2").text
    assert "MED-001<" in browser.get(f"/home?page={HUGE}").text


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_loaded_list_has_the_same_pages(db, size):
    pages = [page_of_list(list(range(6)), number, size) for number in range(1, -(-6 // size) + 1)]
    assert [row for listed in pages for row in listed.rows] == list(range(6))
    assert [listed.more for listed in pages] == [True] * (len(pages) - 1) + [False]
    assert page_of_list(list(range(6)), 10**30, size) == pages[-1]
    assert page_of_list([], 3, size).rows == []

"""The administrator's register: found by names of both scripts and by numbers, paged, exported, looks on record."""

import csv
import io
import re

import pytest

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.register import lists
from tests.factories import make_beneficiary, make_centre, make_entry, make_staff
from tests.noted import actor_of, noted


@pytest.fixture
def admin(db):
    return make_staff("admin")


@pytest.fixture
def browser(admin, sign_in):
    return sign_in(admin)


@pytest.fixture
def sita(db):
    """Somebody of the register who is not called like the others."""
    make_entry()
    return make_entry(name="Sita Devi", name_hi="सीता देवी", mobile="+919876500001", centre=make_centre("02"))


@pytest.mark.parametrize("text", ["sita", "सीता", "Devi Sita", "98765 00001", "9876500001", "+91 98765-00001"])
def test_a_person_is_found_by_either_name_and_by_the_mobile(browser, sita, text):
    page = browser.get("/admin/beneficiaries", query_string={"q": text}).text
    assert ("Sita Devi" in page, "Ramesh Kumar" in page) == (True, False)


def test_a_person_is_found_by_ben_id_and_by_patient_id(browser, sita):
    person = make_beneficiary(entry=sita)
    for text in (sita.ben_id, person.patient_id):
        assert "Sita Devi" in browser.get(f"/admin/beneficiaries?q={text}").text


def test_the_list_masks_mobiles_and_says_who_is_registered(browser, sita):
    make_beneficiary(entry=sita)
    page = browser.get("/admin/beneficiaries?centre=02").text
    assert ("98xxxxxx01" in page, "+919876500001" in page, "registered</span>" in page) == (True, False, True)
    assert "Ramesh Kumar" not in page


def test_every_person_is_on_one_page(browser, db):
    entries = [make_entry() for _ in range(lists.PAGE + 3)]
    first = browser.get("/admin/beneficiaries").text
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = browser.get(following).text
    shown = [re.findall(r"/admin/beneficiaries/(\d+)\"", text) for text in (first, second)]
    assert [len(rows) for rows in shown] == [lists.PAGE, 3]
    assert sorted(int(row) for rows in shown for row in rows) == sorted(entry.id for entry in entries)
    assert 'rel="next"' not in second


def test_too_short_a_text_says_what_to_type(browser, sita):
    page = browser.get("/admin/beneficiaries?q=s").text
    assert "Type at least two letters" in page
    assert "Sita" not in page


def test_a_search_and_a_look_at_somebody_are_on_record(browser, admin, sita):
    assert noted(lambda: browser.get("/admin/beneficiaries?q=sita")) == [
        ("RegisterSearched", actor_of(admin), "register")
    ]
    look = noted(lambda: browser.get(f"/admin/beneficiaries/{sita.id}"))
    assert look == [("RegisterRead", actor_of(admin), sita.ben_id)]


def test_a_page_of_somebody_shows_what_the_register_holds(browser, sita):
    page = browser.get(f"/admin/beneficiaries/{sita.id}").text
    for part in ("Sita Devi", "सीता देवी", sita.ben_id, "+919876500001", "5 May 1985", "Not registered yet."):
        assert part in page
    assert browser.get("/admin/beneficiaries/999999").status_code == 404


def test_an_account_with_an_older_mobile_is_said(browser, sita):
    make_beneficiary(entry=sita)
    RegisterEntry.update(mobile="+919876500002").where(RegisterEntry.id == sita.id).execute()
    assert "another mobile number than the register" in browser.get(f"/admin/beneficiaries/{sita.id}").text


def test_the_export_has_no_formula_and_is_on_record(browser, admin, sita):
    RegisterEntry.update(name="=HYPERLINK(1)").where(RegisterEntry.id == sita.id).execute()
    notes = noted(lambda: browser.get("/admin/beneficiaries.csv", buffered=True))
    assert notes == [("RegisterExported", actor_of(admin), "register")]
    answer = browser.get("/admin/beneficiaries.csv?centre=02", buffered=True)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["ben_id"], row["name"], row["mobile"]) for row in rows] == [
        (sita.ben_id, "'=HYPERLINK(1)", "9876500001")
    ]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_filter_names_centres_in_the_language_of_the_reader(browser):
    make_centre("02", name="Pandara Road", name_hi="पंडारा रोड")
    browser.get("/lang/hi")
    page = browser.get("/admin/beneficiaries").text
    assert "02 पंडारा रोड" in page
    assert "02 Pandara Road" not in page

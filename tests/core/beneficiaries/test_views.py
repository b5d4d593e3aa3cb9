"""The registration form of a family member."""

from datetime import date

import pytest

from portal.core.beneficiaries.models import Beneficiary
from tests.factories import make_account, make_entry

REST = {"ben_id": "1000001", "address": "12 Lodhi Road", "language": "en", "consent": "yes"}


@pytest.fixture
def browser(sign_in):
    entry = make_entry(ben_id="1000001", date_of_birth=date(1985, 5, 5), mobile="+919000000001")
    return sign_in(make_account(entry.mobile))


@pytest.mark.parametrize(
    "typed",
    [
        {"date_of_birth": "1985-05-05"},
        {"date_of_birth": "०५/०५/१९८५"},
        {"date_of_birth": "5", "date_of_birth-month": "5", "date_of_birth-year": "1985"},
    ],
)
def test_the_birth_date_is_posted_as_one_field_or_three(browser, typed):
    assert browser.submit("/register", REST | typed).status_code == 303
    assert Beneficiary.get().entry.ben_id == "1000001"


def test_the_three_boxes_are_labelled(browser):
    text = browser.get("/register").text
    for part, name in (("day", ""), ("month", "-month"), ("year", "-year")):
        box = text.partition(f'<input id="date_of_birth{name}"')[2].partition(">")[0]
        assert f'autocomplete="bday-{part}"' in box
        assert 'inputmode="numeric"' in box


def test_an_error_is_shown_at_its_box_and_input_is_kept(browser):
    typed = {"date_of_birth": "5", "date_of_birth-month": "५", "date_of_birth-year": "85"}
    answer = browser.submit("/register", REST | typed)
    assert answer.status_code == 422
    assert 'href="#date_of_birth-year"' in answer.text
    year = answer.text.partition('<input id="date_of_birth-year"')[2].partition(">")[0]
    assert all(part in year for part in ('value="85"', 'aria-invalid="true"', "date_of_birth-year-error"))
    assert 'value="५"' in answer.text


def test_a_whole_date_is_shown_in_three_boxes(browser):
    answer = browser.submit("/register", REST | {"date_of_birth": "1985-05-05", "ben_id": ""})
    assert [
        f'id="date_of_birth{end}" name="date_of_birth{end}" value="{value}"' in answer.text
        for end, value in (("", "05"), ("-month", "05"), ("-year", "1985"))
    ] == [True] * 3

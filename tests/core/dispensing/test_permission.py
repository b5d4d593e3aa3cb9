"""More than a part: only by a written permission, recorded, shown, audited and reversed with the dispensing."""

from datetime import date, timedelta

import pytest

from portal.base.errors import Invalid
from portal.core.dispensing import history
from portal.core.dispensing.allowance import TooMuch, allowances
from portal.core.dispensing.models import DispensedItem, Dispensing, Permission
from portal.core.dispensing.permission import FIELDS
from portal.settings import clinic
from portal.work.audit import AuditRow
from tests.consulting import make_drug, make_prescription
from tests.core.dispensing.counter import Counter, dispensed
from tests.factories import make_staff

TODAY = date(2026, 11, 23)
YEAR = {
    "items-0-drug": "Amlodipine",
    "items-0-strength": "5 mg",
    "items-0-frequency": "OD",
    "items-0-duration_days": "365",
    "items-0-quantity": "365",
}
LETTER = {
    "permit_signed_by": "Dr R. Sharma, Additional Director",
    "permit_number": "AD/DZ-2/2026/118",
    "permit_dated": "20/11/2026",
    "permit_reason": "Journey abroad",
}


@pytest.fixture
def issued(usual_medicines, db, now):
    """A year of amlodipine, one a day, and ten days of cetirizine."""
    make_drug("Amlodipine", chronic=True)
    return make_prescription(now, **YEAR)


def may(issued, on=TODAY):
    part = allowances(issued, on=on)[0].part
    return part.now, part.permitted


def test_without_a_permission_a_part_is_the_most_and_the_way_to_more_is_said(issued, counter):
    assert may(issued) == (90, 180)
    with pytest.raises(TooMuch, match="With a written permission up to 180"):
        counter.give(issued, items__0__quantity="91")
    assert dispensed() == [0, 0]


def test_with_it_half_a_year_is_given_at_once(issued, counter):
    handed = counter.give(issued, items__0__quantity="180", items__1__quantity="4", **LETTER)
    letter = Permission.get()
    assert (letter.dispensing, letter.number, letter.dated) == (handed, "AD/DZ-2/2026/118", date(2026, 11, 20))
    assert (letter.signed_by, letter.reason) == (LETTER["permit_signed_by"], "Journey abroad")
    assert [(row.quantity, row.beyond) for row in DispensedItem.select().order_by(DispensedItem.id)] == [
        (180, 90),
        (4, 0),
    ]
    assert may(issued) == (0, 0)
    row = AuditRow.get(AuditRow.action == "MedicinesDispensed")
    assert '"permission": "AD/DZ-2/2026/118"' in row.details


def test_no_letter_gives_more_than_half_a_year_or_than_is_left(issued, counter):
    with pytest.raises(TooMuch, match="Even with a written permission at most 180"):
        counter.give(issued, items__0__quantity="181", **LETTER)
    with pytest.raises(TooMuch, match="Not so much"):
        counter.give(issued, items__0__quantity="366", **LETTER)
    assert (dispensed(), Permission.select().count()) == ([0, 0], 0)


def test_what_the_person_has_at_home_counts(issued, counter):
    counter.give(issued, items__0__quantity="90")
    assert may(issued) == (0, 90)
    counter.give(issued, items__0__quantity="90", **LETTER)
    assert may(issued) == (0, 0)
    assert may(issued, TODAY + timedelta(days=30)) == (0, 30)


def test_the_next_part_comes_when_the_permitted_supply_is_used_up(issued, counter):
    counter.give(issued, items__0__quantity="180", **LETTER)
    assert allowances(issued, on=TODAY)[0].part.next_on == TODAY + timedelta(days=180 - 7)


def test_the_days_are_a_setting_and_never_less_than_a_part(issued, counter):
    clinic.put("dispense_days_permitted", "120")
    assert may(issued) == (90, 120)
    clinic.put("dispense_days_permitted", "30")
    assert may(issued) == (90, 90)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"permit_signed_by": ""}, "permit_signed_by"),
        ({"permit_signed_by": "x" * 121}, "permit_signed_by"),
        ({"permit_number": ""}, "permit_number"),
        ({"permit_number": " - / "}, "permit_number"),
        ({"permit_number": "7" * 61}, "permit_number"),
        ({"permit_reason": "  "}, "permit_reason"),
        ({"permit_dated": ""}, "permit_dated"),
        ({"permit_dated": "31/11/2026"}, "permit_dated"),
        ({"permit_dated": "24/11/2026"}, "permit_dated"),
        ({"permit_dated": "20/11/2025"}, "permit_dated"),
    ],
)
def test_a_letter_with_something_missing_or_wrong_is_refused_at_its_field(issued, counter, typed, field):
    with pytest.raises(Invalid) as refused:
        counter.give(issued, items__0__quantity="180", **(LETTER | typed))
    assert list(refused.value.fields) == [field]
    assert (dispensed(), Permission.select().count()) == ([0, 0], 0)


def test_digits_of_every_script_are_read(issued, counter):
    counter.give(issued, items__0__quantity="१८०", **(LETTER | {"permit_dated": "२०/११/२०२६"}))
    assert Permission.get().dated == date(2026, 11, 20)


def test_a_letter_for_nothing_beyond_a_part_is_refused(issued, counter):
    with pytest.raises(Invalid) as refused:
        counter.give(issued, items__0__quantity="90", **LETTER)
    assert list(refused.value.fields) == ["permit_number"]
    assert (dispensed(), Dispensing.select().count()) == ([0, 0], 0)


def test_a_medicine_that_has_expired_is_not_given_by_a_letter(issued, counter, now):
    late = Counter(now + timedelta(days=400))
    late.pharmacist = counter.pharmacist
    with pytest.raises(TooMuch, match="could be collected until"):
        late.give(issued, items__0__quantity="100", **(LETTER | {"permit_dated": f"{late.now:%d/%m/%Y}"}))


def test_reversed_it_counts_as_not_given_and_stays_in_the_history(issued, counter):
    handed = counter.give(issued, items__0__quantity="180", **LETTER)
    counter.reverse(issued, handed)
    assert (dispensed(), may(issued)) == ([0, 0], (90, 180))
    (one,) = history.all_of(issued)
    assert ([each.number for each in one.letters], one.lines[0].beyond) == (["AD/DZ-2/2026/118"], 90)
    assert history.given(issued) == []


def test_the_sheet_takes_the_letter_and_pharmacist_and_patient_read_it(issued, sign_in):
    browser, sheet = sign_in(make_staff("pharmacist")), f"/dispense?code={issued.code}"
    assert "With a written permission up to 180." in browser.get(sheet).text
    form = {"code": issued.code, "items-0-quantity": "180"}
    refused = browser.submit(f"/dispense/{issued.number}", form, page=sheet)
    assert refused.status_code == 409
    assert '<details class="permit" open>' in refused.text
    refused = browser.submit(f"/dispense/{issued.number}", form | LETTER | {"permit_dated": "soon"}, page=sheet)
    assert refused.status_code == 422
    assert 'value="soon"' in refused.text
    assert LETTER["permit_number"] in refused.text
    assert 'id="permit_dated-error"' in refused.text
    answer = browser.submit(f"/dispense/{issued.number}", form | LETTER, page=sheet)
    assert answer.status_code == 303
    said = "by the written permission AD/DZ-2/2026/118"
    assert said in browser.get(sheet).text
    issued.visit.update(state="completed", live_key=None).execute()
    assert said in sign_in(issued.beneficiary).get(f"/visits/{issued.visit.uid}").text


def test_a_short_course_shows_no_letter(usual_medicines, db, now, sign_in):
    short = make_prescription(now)
    page = sign_in(make_staff("pharmacist")).get(f"/dispense?code={short.code}").text
    assert not any(f'name="{field}"' in page for field in FIELDS)

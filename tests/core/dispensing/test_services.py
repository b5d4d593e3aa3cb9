"""Pharmacy: opened by code, never more than prescribed, also when centres dispense concurrently."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from lxml import html

from portal.core.accounts.models import Staff
from portal.core.beneficiaries.identity import initials
from portal.core.dispensing import history, services
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.paper import codes
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor, AuditRow
from portal.work.events import Event
from tests.at_once import at_once, done
from tests.consulting import make_drug, make_prescription
from tests.factories import make_beneficiary, make_centre, make_staff, make_visit


@pytest.fixture
def browser(sign_in, issued: Prescription):
    """A pharmacist of the patient's centre."""
    return sign_in(make_staff("pharmacist"))


def sheet_at(issued: Prescription) -> str:
    return f"/dispense?code={issued.code}"


def type_code(browser, text: str, **options):
    return browser.submit("/dispense", {"code": text}, page="/dispense", **options)


def give(browser, issued: Prescription, **form: str):
    data = {"code": issued.code} | {name.replace("__", "-"): value for name, value in form.items()}
    return browser.submit(f"/dispense/{issued.number}", data, page=sheet_at(issued))


def given_so_far() -> list[int]:
    return [item.dispensed for item in PrescribedItem.select().order_by(PrescribedItem.position)]


def test_the_list_shows_number_initials_and_time_of_the_own_centre_only(sign_in, issued: Prescription, now) -> None:
    other = make_prescription(now, make_visit("in_call", beneficiary=make_beneficiary(centre=make_centre("02"))))
    text = sign_in(make_staff("pharmacist")).get("/dispense").get_data(as_text=True)
    assert issued.number in text
    assert initials(issued.beneficiary.name) in text
    assert "9:30" in text
    for hidden in (other.number, "Ramesh", issued.code, issued.beneficiary.entry.ben_id, "Paracetamol"):
        assert hidden not in text


def test_the_code_opens_the_sheet_and_that_is_audited(browser, issued: Prescription) -> None:
    text = browser.get(f"/dispense?code={issued.code.lower().replace('-', '')}").get_data(as_text=True)
    assert all(word in text for word in ("Ramesh Kumar", issued.beneficiary.entry.ben_id, "Paracetamol", "41 years"))
    assert AuditRow.select().where(AuditRow.action == "PrescriptionOpened").count() == 1


def test_after_giving_the_sheet_says_that_it_is_stored(browser, issued: Prescription) -> None:
    assert give(browser, issued, items__0__quantity="2").status_code == 303
    assert "Stored: what you gave" in browser.get(sheet_at(issued)).text
    assert "Stored: what you gave" not in browser.get(sheet_at(issued)).text


def test_neither_number_nor_uid_opens_it(browser, issued: Prescription) -> None:
    for guess in (issued.number, issued.uid, issued.visit.uid):
        assert type_code(browser, guess, follow_redirects=True).status_code == 404
    assert browser.get("/dispense?code=0000-0000-0000-0000").status_code == 404


def test_a_scanned_url_opens_the_sheet(browser, issued: Prescription) -> None:
    for scanned in (f"https://opd.example/rx/{issued.code}", f"HTTPS://OPD.EXAMPLE/RX/{issued.code}\r"):
        assert "Paracetamol" in browser.get("/dispense", query_string={"code": scanned}).get_data(as_text=True)
    assert AuditRow.select().where(AuditRow.action == "WrongCode").count() == 0


def test_a_typed_code_leads_to_the_address_of_its_sheet_and_opens_it_once(browser, issued: Prescription) -> None:
    answer = type_code(browser, issued.code.lower())
    assert (answer.status_code, answer.location) == (303, f"/dispense?code={issued.code.lower()}")
    assert "Paracetamol" in browser.get(answer.location).text
    assert AuditRow.select().where(AuditRow.action == "PrescriptionOpened").count() == 1


def test_in_hindi_the_sheet_says_form_and_use_in_hindi_and_the_name_as_on_the_strip(browser, db, now) -> None:
    dose = {"items-0-dose": "1 tab", "items-0-frequency": "BD", "items-0-instructions": "PC"}
    found = make_prescription(now, make_visit("in_call", beneficiary=make_beneficiary()), **dose)
    browser.get("/lang/hi")
    row = html.fromstring(browser.get(sheet_at(found)).text).xpath("string(//table[1]/tbody/tr[1])")
    assert "Paracetamol" in row
    assert "गोली · 500 mg · 1 गोली दिन में दो बार · खाना खाने के बाद" in row


def test_the_field_takes_the_longest_url(browser) -> None:
    assert f'maxlength="{codes.LONGEST_TYPED}"' in browser.get("/dispense").get_data(as_text=True)
    assert len("https://") + 253 + len("/rx/") + 19 <= codes.LONGEST_TYPED


def test_guessing_codes_has_a_rate_limit_per_pharmacist(sign_in, issued: Prescription, clock) -> None:
    guesser, colleague = (sign_in(make_staff("pharmacist")) for _ in range(2))
    assert {guesser.get(f"/dispense?code={codes.make_code()}").status_code for _ in range(10)} == {404}
    answer = guesser.get(sheet_at(issued))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert 'name="code"' in answer.get_data(as_text=True), "the counter is still there"
    assert colleague.get(sheet_at(issued)).status_code == 200
    clock.tick(601)
    assert guesser.get(sheet_at(issued)).status_code == 200


def test_repeating_a_wrong_code_is_no_new_guess(browser, issued: Prescription) -> None:
    wrong = codes.make_code()
    answers = [browser.get(f"/dispense?code={typed}").status_code for typed in (wrong, wrong.lower()) * 8]
    assert set(answers) == {404}
    assert browser.get(sheet_at(issued)).status_code == 200


def test_the_barcode_of_a_box_is_no_guess_and_the_page_says_what_is_wanted(browser, issued: Prescription) -> None:
    answers = [type_code(browser, f"890103086527{number}") for number in range(20)]
    assert {answer.status_code for answer in answers} == {404}
    assert "There is no prescription code in this" in answers[-1].get_data(as_text=True)
    assert browser.get(sheet_at(issued)).status_code == 200


def test_trying_all_numbers_has_a_rate_limit_too(browser, issued: Prescription) -> None:
    answers = [type_code(browser, f"RX-2611-{number:06}").status_code for number in range(101)]
    assert answers == [404] * 100 + [429]


def test_wrong_codes_in_the_form_count_for_the_rate_limit(browser, issued: Prescription) -> None:
    answers = [give(browser, issued, code=codes.make_code(), items__0__quantity="1").status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]
    assert given_so_far() == [0, 0]


def test_a_dispensing_is_shown_on_the_sheet_with_where_and_to_whom(browser, issued: Prescription) -> None:
    answer = give(browser, issued, items__0__quantity="5", items__1__quantity="", collected_by="Sita Kumar")
    assert (answer.status_code, answer.location) == (303, sheet_at(issued))
    assert given_so_far() == [5, 0]
    text = browser.get(sheet_at(issued)).get_data(as_text=True)
    assert all(word in text for word in ("Sita Kumar", "Centre 01", "Paracetamol: 5"))
    assert Event.select().where(Event.name == "MedicinesDispensed").count() == 1


def test_a_quantity_is_typed_in_digits_of_any_script(browser, issued: Prescription) -> None:
    assert give(browser, issued, items__0__quantity="१०").status_code == 303
    assert given_so_far() == [10, 0]


def test_the_rest_can_be_dispensed_later_elsewhere(sign_in, browser, issued: Prescription, clock) -> None:
    give(browser, issued, items__0__quantity="5")
    clock.tick(3600)
    elsewhere = sign_in(make_staff("pharmacist", centre=make_centre("02")))
    assert give(elsewhere, issued, items__0__quantity="10", items__1__quantity="10").status_code == 303
    assert given_so_far() == [15, 10]
    assert [one.centre.code for one in history.given(issued)] == ["01", "02"]
    assert "All medicines given" in elsewhere.get(sheet_at(issued)).get_data(as_text=True)


def test_the_patients_visit_page_shows_what_was_dispensed(sign_in, browser, issued: Prescription) -> None:
    give(browser, issued, items__0__quantity="5")
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    text = sign_in(issued.beneficiary).get(f"/visits/{issued.visit.uid}").get_data(as_text=True)
    assert "Paracetamol: 5" in text


@pytest.mark.parametrize("quantity", ["16", "999999"])
def test_more_than_prescribed_is_a_conflict_and_writes_nothing(browser, issued, quantity: str) -> None:
    answer = give(browser, issued, items__1__quantity="10", items__0__quantity=quantity)
    assert answer.status_code == 409
    assert "Paracetamol" in answer.get_data(as_text=True)
    assert given_so_far() == [0, 0]
    assert Dispensing.select().count() == DispensedItem.select().count() == 0


def test_what_was_typed_stays_when_one_quantity_is_too_high(browser, issued: Prescription) -> None:
    answer = give(browser, issued, items__0__quantity="16", items__1__quantity="7", collected_by="Sita Kumar")
    boxes = html.fromstring(answer.text).xpath("//input[@id]")
    typed = {box.get("id"): box.get("value") for box in boxes}
    assert (
        typed.items()
        >= {
            "items-0-quantity": "16",
            "items-1-quantity": "7",
            "collected_by": "Sita Kumar",
        }.items()
    )


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, "at least one medicine"),
        ({"items__0__quantity": "0", "items__1__quantity": "0"}, "at least one medicine"),
        ({"items__0__quantity": "-1"}, "whole number"),
        ({"items__0__quantity": "1.5"}, "whole number"),
        ({"items__0__quantity": "five"}, "whole number"),
        ({"items__0__quantity": "१.५"}, "whole number"),
        ({"items__0__quantity": "9" * 5000}, "whole number"),
        ({"items__7__quantity": "1"}, "another prescription"),
        ({"items__0__dispensed": "1"}, "another prescription"),
        ({"items__0__quantity": "1", "collected_by": "x" * 251}, "at most 250"),
    ],
)
def test_invalid_input_is_refused_and_writes_nothing(browser, issued: Prescription, form, wrong: str) -> None:
    answer = give(browser, issued, **form)
    assert answer.status_code == 422
    assert wrong in answer.get_data(as_text=True)
    assert given_so_far() == [0, 0]
    assert Dispensing.select().count() == 0


def test_errors_of_quantities_name_their_medicines(browser, issued: Prescription) -> None:
    lines = html.fromstring(give(browser, issued, items__0__quantity="x", items__1__quantity="x").text)
    said = [line.text_content().strip() for line in lines.xpath("//*[@id='errors']//li")]
    drugs = [item.drug for item in PrescribedItem.select().order_by(PrescribedItem.position)]
    assert said == [f"{drug}: Give a whole number, 0 or more." for drug in drugs]


def test_the_code_of_one_prescription_does_not_open_the_number_of_another(
    browser, issued: Prescription, now: datetime
) -> None:
    other = make_prescription(now)
    form = {"code": issued.code, "items-0-quantity": "1"}
    answer = browser.submit(f"/dispense/{other.number}", form, page=sheet_at(issued))
    assert answer.status_code == 404
    assert Dispensing.select().count() == 0


def test_a_prescription_expires_after_its_last_day(browser, issued: Prescription, clock, sign_in) -> None:
    clock.set(clock.now() + timedelta(days=15))
    pharmacist = make_staff("pharmacist")
    assert give(sign_in(pharmacist), issued, items__0__quantity="1").status_code == 303
    clock.set(clock.now() + timedelta(days=1))
    late = sign_in(pharmacist)
    assert give(late, issued, items__0__quantity="1").status_code == 409
    assert given_so_far() == [1, 0]
    assert 'name="items-0-quantity"' not in late.get(sheet_at(issued)).get_data(as_text=True)


HALF_A_YEAR = {
    "items-0-drug": "Amlodipine",
    "items-0-strength": "5 mg",
    "items-0-frequency": "OD",
    "items-0-duration_days": "180",
    "items-0-quantity": "180",
}


@pytest.fixture
def long_one(db: None, now: datetime) -> Prescription:
    """180 Amlodipine for half a year, and Paracetamol for sixty days."""
    make_drug("Amlodipine", chronic=True)
    make_drug("Paracetamol")
    two_months = {"items-1-drug": "Paracetamol", "items-1-duration_days": "60", "items-1-quantity": "60"}
    return make_prescription(now, **HALF_A_YEAR, **two_months)


def boxes_of(page: str) -> dict[str, str]:
    quantities = "//input[starts-with(@id, 'items-') and contains(@name, '-quantity')]"
    found = html.fromstring(page).xpath(quantities)
    return {box.get("name"): box.get("value") for box in found}


def test_the_sheet_is_filled_in_with_what_may_be_given_now_and_says_the_next_date(sign_in, long_one, clock) -> None:
    browser = sign_in(make_staff("pharmacist"))
    page = browser.get(sheet_at(long_one)).text
    assert boxes_of(page) == {"items-0-quantity": "90", "items-1-quantity": "30"}
    text = " ".join(html.fromstring(page).text_content().split())
    assert "At most 90 now, for 90 days. The next part from 14 Feb 2027." in text
    assert "To be collected until 7 Jan 2027" in text, "the short one, as its second part is due by then"
    assert give(browser, long_one, items__0__quantity="90", items__1__quantity="30").status_code == 303
    page = browser.get(sheet_at(long_one)).text
    assert boxes_of(page) == {"items-0-quantity": "", "items-1-quantity": ""}, "for a written permission"
    assert "The next part from 14 Feb 2027." in " ".join(page.split())
    clock.set(clock.now() + timedelta(days=23))
    assert boxes_of(sign_in(make_staff("pharmacist")).get(sheet_at(long_one)).text)["items-1-quantity"] == "30"


def test_of_a_medicine_that_is_all_given_no_last_day_is_named(sign_in, long_one, now) -> None:
    """The sheet ends with the long one; a shorter one names its own last day as long as something is left of it."""
    week = {"items-1-drug": "Paracetamol", "items-1-duration_days": "7", "items-1-quantity": "7"}
    issued = make_prescription(now, **HALF_A_YEAR, **week)
    browser = sign_in(make_staff("pharmacist"))
    assert "To be collected until" in browser.get(sheet_at(issued)).text
    give(browser, issued, items__1__quantity="7")
    assert "To be collected until" not in browser.get(sheet_at(issued)).text


def test_more_than_a_part_is_a_conflict_that_names_the_medicine(sign_in, long_one) -> None:
    browser = sign_in(make_staff("pharmacist"))
    answer = give(browser, long_one, items__0__quantity="91", items__1__quantity="30")
    assert (answer.status_code, given_so_far()) == (409, [0, 0])
    assert "At most 90 of Amlodipine may be given now" in answer.text
    assert "Amlodipine: At most" not in answer.text
    assert boxes_of(answer.text) == {"items-0-quantity": "91", "items-1-quantity": "30"}
    assert give(browser, long_one, items__0__quantity="90").status_code == 303
    answer = give(browser, long_one, items__0__quantity="1")
    assert (answer.status_code, given_so_far()) == (409, [90, 0])
    assert "More of Amlodipine may be given from 14 Feb 2027" in answer.text


def test_each_medicine_ends_with_its_own_kind(sign_in, long_one, clock) -> None:
    clock.set(clock.now() + timedelta(days=46))
    browser = sign_in(make_staff("pharmacist"))
    page = browser.get(sheet_at(long_one)).text
    assert boxes_of(page) == {"items-0-quantity": "90"}
    assert "Could be collected until 7 Jan 2027." in page
    answer = give(browser, long_one, items__1__quantity="1")
    assert (answer.status_code, given_so_far()) == (409, [0, 0])
    assert "Paracetamol could be collected until 7 Jan 2027." in answer.text


def test_what_was_all_given_is_not_said_to_be_too_late(sign_in, long_one, clock) -> None:
    for _part in range(2):
        give(sign_in(make_staff("pharmacist")), long_one, items__1__quantity="30")
        clock.set(clock.now() + timedelta(days=23))
    page = sign_in(make_staff("pharmacist")).get(sheet_at(long_one)).text
    assert "Could be collected until" not in page
    assert "All given." in page


def test_two_centres_at_the_same_moment_give_one_part(app: Flask, long_one: Prescription, now) -> None:
    pharmacists = [make_staff("pharmacist", centre=make_centre(f"0{number}")) for number in (1, 2)]

    def hand_out(one: Staff) -> Dispensing:
        by = Actor("staff", one.uid)
        return services.dispense(long_one, one, one.centre, {"items-0-quantity": "90"}, by=by, now=now)

    assert len(done(at_once(app, [partial(hand_out, one) for one in pharmacists]))) == 1
    assert given_so_far() == [90, 0]


def test_a_cancelled_prescription_is_a_conflict(browser, issued: Prescription, now: datetime) -> None:
    Prescription.update(cancelled_at=now).execute()
    assert give(browser, issued, items__0__quantity="1").status_code == 409
    assert given_so_far() == [0, 0]


def test_the_same_form_twice_is_idempotent(browser, issued: Prescription) -> None:
    form = browser.hidden_fields(sheet_at(issued)) | {"items-0-quantity": "5"}
    first, second = (browser.post(f"/dispense/{issued.number}", data=form) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.headers["Idempotent-Replayed"] == "1"
    assert given_so_far() == [5, 0]


def test_other_roles_have_no_permission(sign_in, issued: Prescription, client) -> None:
    for role in ("doctor", "medical_officer", "desk", "admin", "auditor"):
        assert sign_in(make_staff(role)).get("/dispense").status_code == 403
    assert sign_in(issued.beneficiary).get("/dispense").status_code == 403
    assert client.get("/dispense").status_code == 303


def test_fifty_concurrent_dispensings_from_two_centres_never_exceed_what_was_prescribed(
    app: Flask, issued: Prescription, now
) -> None:
    pharmacists = [make_staff("pharmacist"), make_staff("pharmacist", centre=make_centre("02"))]

    def hand_out(one: Staff) -> Dispensing:
        form = {"items-0-quantity": "2", "items-1-quantity": "1"}
        return services.dispense(issued, one, one.centre, form, by=Actor("staff", one.uid), now=now)

    assert len(done(at_once(app, [partial(hand_out, one) for one in pharmacists * 25]))) == 7
    assert given_so_far() == [14, 7]
    assert sum(row.quantity for row in DispensedItem.select()) == 21


def test_a_form_without_the_code_is_for_the_sheet_this_browser_opened_and_no_other(sign_in, issued) -> None:
    opened, stranger = sign_in(make_staff("pharmacist")), sign_in(make_staff("pharmacist"))
    form = {"items-0-quantity": "1", "code": ""}
    assert opened.submit(f"/dispense/{issued.number}", form, page=sheet_at(issued)).status_code == 303
    assert stranger.submit(f"/dispense/{issued.number}", form, page="/dispense").status_code == 404
    assert given_so_far()[0] == 1

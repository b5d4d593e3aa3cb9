"""The search of medicines on the consult page: by keyboard alone, in both languages, on a telephone and at a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.test_windows import in_call, is_saved
from tests.servers import Portal

PATIENT = ("9000000064", "1000192")


@pytest.fixture(scope="module")
def consult(portal: Portal) -> str:
    """The address of a consultation that has just begun."""
    return in_call(portal, *PATIENT)


def type_name(page: Page, text: str) -> None:
    """Type into the first medicine's name, and wait for the list."""
    name = page.locator("#items-0-drug")
    name.fill("")
    name.press_sequentially(text)
    expect(name).to_have_attribute("aria-expanded", "true")


def values(page: Page, *parts: str) -> list[str]:
    return [page.locator(f"#items-0-{part}").input_value() for part in parts]


def test_a_medicine_is_found_and_taken_with_the_keyboard_alone(enter: Enter, consult: str) -> None:
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(consult)
    page = doctor.page
    type_name(page, "timol")
    expect(page.locator("#items-0-drug")).to_have_attribute("aria-activedescendant", "option-1")
    expect(page.locator("#found-count")).to_have_text(re.compile(r"^[1-9]\d* found$"))
    doctor.look("one")
    page.keyboard.press("Enter")
    expect(page.locator("#found-medicines")).to_be_hidden()
    assert values(page, "drug", "form", "strength", "frequency") == ["Timolol", "eye drops", "", "BD"]
    offered = page.locator("#items-0-strengths option").evaluate_all("all => all.map((each) => each.value)")
    assert offered == ["0.25 %", "0.5 %"]
    type_name(page, "para")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_contain_text("oral suspension")
    doctor.look("several")
    page.keyboard.press("Enter")  # what an earlier choice filled in is filled anew
    assert values(page, "drug", "form", "frequency") == ["Paracetamol", "oral suspension", "TDS"]
    type_name(page, "metform")
    page.keyboard.press("Escape")
    expect(page.locator("#found-medicines")).to_be_hidden()
    page.keyboard.press("Tab")
    assert values(page, "drug", "form") == ["metform", "oral suspension"]  # typed, not chosen
    doctor.fill(**dict.fromkeys(("items__0__drug", "items__0__form", "items__0__frequency"), "")).press("Save draft")
    is_saved(page)


def test_a_half_typed_name_is_blamed_only_when_the_cursor_has_left_it(enter: Enter, consult: str) -> None:
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.eye1").open(consult)
    page, mode = doctor.page, doctor.page.locator("#mode")
    page.locator("#items-0-drug").press_sequentially("zebu")
    with page.expect_response("**/consult"):
        page.keyboard.press("Alt+s")
    is_saved(page)
    expect(page.locator("#saved [data-wrong=mode]")).to_have_count(1)  # there is no call log yet
    expect(mode).not_to_have_attribute("aria-invalid", "true")
    page.locator("#items-0-form").press_sequentially("t")
    with page.expect_response("**/consult"):
        page.keyboard.press("Alt+s")
    expect(mode).to_have_attribute("aria-invalid", "true")
    doctor.fill(items__0__drug="", items__0__form="").press("Save draft")
    is_saved(page)


def test_on_a_telephone_hindi_names_are_found_and_prohibited_ones_cannot_be_taken(enter: Enter, consult: str) -> None:
    doctor = enter("doctor", "hi").sign_in_as_staff("dr.eye1").open(consult)
    page = doctor.page
    type_name(page, "अल्प्राजोलम")
    option = page.locator("#found-medicines li").first
    expect(option).to_contain_text("Alprazolam")
    expect(option).to_have_attribute("aria-disabled", "true")
    doctor.look("prohibited")
    option.click(force=True)
    page.keyboard.press("Enter")
    assert values(page, "drug", "form") == ["अल्प्राजोलम", ""]
    type_name(page, "पैरासिटा")
    doctor.look("hindi")
    page.locator("#found-medicines li").first.click()
    assert values(page, "drug", "form", "frequency") == ["Paracetamol", "tablet", "TDS"]

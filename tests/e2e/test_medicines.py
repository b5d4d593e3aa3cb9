"""The search of medicines on the consult page: by keyboard alone, in both languages, on a telephone and at a desk."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_windows import end, in_call
from tests.servers import Portal

SEARCHERS = {"en": ("9000000064", "1000192"), "hi": ("9000000065", "1000195")}


def take_on(enter: Enter, portal: Portal, language: str, *, is_desktop: bool) -> Person:
    doctor = enter("doctor", language, is_desktop=is_desktop).sign_in_as_staff("dr.eye1")
    return doctor.open(in_call(portal, *SEARCHERS[language]))


def type_name(page: Page, text: str) -> None:
    """Type into the first medicine's name, and wait for the list."""
    name = page.locator("#items-0-drug")
    name.fill("")
    name.press_sequentially(text)
    expect(name).to_have_attribute("aria-expanded", "true")


def finish(doctor: Person) -> None:
    """Issue something, so that the doctor is free for the next test."""
    end(doctor.fill(diagnosis="Glaucoma", **dict.fromkeys(("items__0__form", "items__0__frequency"), "")))
    doctor.complaints = [line for line in doctor.complaints if "422" not in line]


def values(page: Page, *parts: str) -> list[str]:
    return [page.locator(f"#items-0-{part}").input_value() for part in parts]


def test_a_medicine_is_found_and_taken_with_the_keyboard_alone(enter: Enter, portal: Portal) -> None:
    doctor = take_on(enter, portal, "en", is_desktop=True)
    page = doctor.page
    type_name(page, "timol")
    expect(page.locator("#items-0-drug")).to_have_attribute("aria-activedescendant", "option-1")
    expect(page.locator("#found-count")).to_have_text("1 found")
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
    finish(doctor)


def test_on_a_telephone_hindi_names_are_found_and_prohibited_ones_cannot_be_taken(enter: Enter, portal: Portal) -> None:
    doctor = take_on(enter, portal, "hi", is_desktop=False)
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
    finish(doctor)

"""The consult page: what is in sight while prescribing, and how little a follow-up takes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_sign_in_ends import change_sign_ins
from tests.servers import Portal

# Somebody older than seventy for each language, who needs no referral.
FAMILIES = {"en": ("9000000070", "1000210"), "hi": ("9000000071", "1000213")}
ASKED = {"en": ("9000000077", "1000231"), "hi": ("9000000078", "1000234")}
WIDE, LARGE, TABLET = ({"width": w, "height": h} for w, h in ((1280, 800), (1920, 1080), (820, 1180)))
MEDICINES = (("Paracetamol", "500 mg", "TDS", "90"), ("Calcium carbonate", "500 mg", "OD", "30"))


def called(portal: Portal, patient: Reader, specialty: str = "ent") -> str:
    """The uid of a visit in which the doctor has called the patient."""
    visit = cast.ask_for_token(patient, specialty=specialty)
    board = Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    board.open("/board").press("Call next")
    patient.open(f"/visits/{visit}").press("Call now", follow=False)
    return visit


def prescribe(portal: Portal, visit: str) -> None:
    """The first consultation: two medicines, an allergy."""
    doctor = Reader(portal.url).sign_in_as_staff("dr.ent1").open(f"/visits/{visit}/consult")
    doctor.press("Add allergy", {"substance": "Penicillin", "reaction": "rash"})
    rows = {}
    for place, (drug, strength, frequency, quantity) in enumerate(MEDICINES):
        row = {"drug": drug, "form": "tablet", "strength": strength, "dose": "1", "frequency": frequency}
        row |= {"duration_days": "30", "quantity": quantity}
        rows |= {f"items-{place}-{part}": text for part, text in row.items()}
    said = {"diagnosis": "Back pain", "identity": "yes", "age": "yes", "mode": "video"}
    first = {name: text for name, text in rows.items() if name.startswith("items-0")}
    doctor.press("Save draft", said | first)  # without JavaScript each saving brings one more row
    doctor.press("Issue prescription", rows)
    assert doctor.has_button("Complete"), doctor.errors
    doctor.press("Complete")
    assert doctor.path == "/board", doctor.errors


def is_whole(page: Page, found: Locator) -> bool:
    """Does all of it lie within the window?"""
    box, size = found.bounding_box(), page.viewport_size
    assert size
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def are_apart(one: Locator, other: Locator) -> bool:
    """Does neither of the two cover any of the other?"""
    a, b = one.bounding_box(), other.bounding_box()
    assert a
    assert b
    beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return beside or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def see(doctor: Person, size: dict[str, int]) -> None:
    """Above the fold stand allergies, complaint and referral; the picture and the bar also far down the page."""
    page = doctor.page
    page.set_viewport_size(size)
    page.evaluate("scrollTo(0, 0)")
    for seen in ("#chart .allergies > summary", ".reason dd >> nth=0", ".reason dd >> nth=1"):
        assert is_whole(page, page.locator(seen)), (seen, page.locator(seen).bounding_box())
    page.locator("#advice").scroll_into_view_if_needed()
    page.locator("#advice").evaluate("box => box.scrollIntoView({block: 'center'})")
    for seen in (".call-stage", "#consult-form .issue [formaction]", ".ending summary"):
        assert is_whole(page, page.locator(seen)), (seen, page.locator(seen).bounding_box())


def stops_to(page: Page, name: str) -> int:
    """How often Tab is pressed from the top of the page to a field, by the link that skips what is above the form."""
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for count in range(2, 30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return count
    raise AssertionError(f"{name} is not reached")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_follow_up_with_two_medicines_of_last_time_takes_few_actions(enter: Enter, portal, language):
    patient = cast.sign_in(portal, FAMILIES[language][0])
    cast.register(patient, FAMILIES[language][1], "1950-01-01")
    prescribe(portal, called(portal, patient))
    address = f"/visits/{called(portal, patient)}/consult"
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff("dr.ent1").open(address)
    page = doctor.page
    see(doctor, TABLET)
    see(doctor, WIDE)
    assert stops_to(page, "diagnosis") <= 12
    doctor.look("consult")
    read_beside(doctor)
    actions = follow_up(page)
    confirmation = page.locator("#notes .notice.success")
    expect(confirmation).to_be_visible()
    assert actions <= 10
    assert is_whole(page, confirmation.get_by_role("heading").first)
    assert is_whole(page, doctor.button("Complete"))
    for drug, *_rest in MEDICINES:
        expect(page.locator("#notes")).to_contain_text(drug)
    doctor.look("issued").press("Complete")
    page.wait_for_url("**/board")


def follow_up(page: Page) -> int:
    """From the open page to the issued prescription; returns how many keys and choices that took."""
    steps = (
        (lambda: page.keyboard.press("Alt+a"), "#identity", "yes"),
        (
            lambda: page.locator("#mode").select_option("video"),
            "#mode",
            "video",
        ),  # there is no call log of this patient
        (lambda: page.keyboard.press("Alt+r"), "#items-1-drug", MEDICINES[1][0]),
        (lambda: page.locator("#follow_up_in").select_option("14"), "#follow_up_on", re.compile(".")),
    )
    for act, box, value in steps:
        act()
        expect(page.locator(box)).to_have_value(value)
    expect(page.locator("#diagnosis")).to_have_value("Back pain")
    page.keyboard.press("Alt+i")
    return len(steps) + 1


def read_beside(doctor: Person) -> None:
    """The earlier note and a record open inside the page and are closed by Escape; the form stays as it is."""
    page = doctor.page
    doctor.fill(complaints="Better")
    page.locator("#chart summary").last.click()
    for link in ("#chart .entries a >> nth=0", "#chart .entries a >> nth=-1"):
        page.locator(link).click()
        expect(page.locator("#reader .reader-head")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#reader .reader-head")).to_have_count(0)
    assert len(page.context.pages) == 1
    expect(page.locator("#complaints")).to_have_value("Better")
    page.locator("#chart summary").last.click()


def test_what_is_to_be_looked_at_covers_no_field_in_which_somebody_types(enter: Enter, portal: Portal) -> None:
    patient = cast.sign_in(portal, "9000000072")
    cast.register(patient, "1000216", "1950-01-01")
    doctor = enter("doctor", is_desktop=True).sign_in_as_staff("dr.ent1")
    page = doctor.open(f"/visits/{called(portal, patient)}/consult").page
    drug, checks = page.locator("#items-0-drug"), page.locator("#checks")
    checked = re.compile(r"/checks$")
    with page.expect_response(checked):
        drug.press_sequentially("Foozo")
    expect(checks).to_be_hidden()  # a half-typed name is no medicine yet
    with page.expect_response(checked):
        drug.press_sequentially("lin")
    drug.press("Tab")
    expect(checks).to_be_visible()
    expect(checks).to_contain_text("Foozolin")
    dose, bar = page.locator("#items-0-dose"), page.locator("#consult-form .issue")
    dose.evaluate("box => scrollBy(0, box.getBoundingClientRect().bottom - innerHeight + 70)")
    drug.evaluate("box => { box.value = ''; }")
    with page.expect_response(checked):
        dose.press_sequentially("1")
    drug.evaluate("box => { box.value = 'Foozolin'; }")
    with page.expect_response(checked):
        dose.press_sequentially("0")
    expect(checks).to_contain_text("Foozolin")
    typed, above = dose.bounding_box(), bar.bounding_box()
    assert typed
    assert above
    assert typed["y"] + typed["height"] <= above["y"]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_question_leaves_the_ending_in_sight_and_an_error_stands_over_its_own_field(enter: Enter, portal, language):
    mobile, ben_id = ASKED[language]
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff("dr.psychiatry1")
    page = doctor.open(f"/visits/{called(portal, patient, 'psychiatry')}/consult").page
    page.keyboard.press("Alt+a")
    page.locator("#mode").select_option("video")
    row = {
        "drug": "Foozolin",
        "form": "tablet",
        "strength": "5 mg",
        "dose": "1",
        "frequency": "OD",
        "duration_days": "5",
    }
    doctor.fill(diagnosis="Low mood", **{f"items__0__{name}": text for name, text in row.items()})
    page.locator("#items-0-directed").check()
    page.keyboard.press("Alt+i")
    error, why = page.locator("#items-0-reason-error"), page.locator("#items-0-reason")
    expect(error).to_be_visible()
    above, below = error.bounding_box(), why.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]
    assert above["x"] == below["x"]
    page.locator("#items-0-directed").uncheck()
    page.keyboard.press("Alt+i")
    expect(page.locator("#asked-points")).to_be_visible()
    for place in ("#diagnosis", "#advice"):
        page.locator(place).evaluate("box => box.scrollIntoView({block: 'center'})")
        for seen in ("#judgement", "#consult-form .issue [formaction]", ".ending summary"):
            assert is_whole(page, page.locator(seen)), (place, seen, page.locator(seen).bounding_box())
    doctor.look("question")
    page.locator(".ending summary").click()
    for size in (WIDE, LARGE, TABLET):
        page.set_viewport_size(size)
        for place in ("#diagnosis", "#advice"):
            page.locator(place).evaluate("box => box.scrollIntoView({block: 'center'})")
            assert are_apart(page.locator(".asked-before"), page.locator(".ending")), (size, place)
    doctor.shoot("ending")
    prove_again(doctor)
    doctor.press("Yes, complete without a prescription")
    page.wait_for_url("**/board")
    said = ("422", "409", "AudioContext")  # what was asked for, and that nobody has touched the board yet
    doctor.complaints = [line for line in doctor.complaints if not any(words in line for words in said)]


def prove_again(doctor: Person) -> None:
    """Asked for the second factor, the cursor is in its box, Enter issues, and nothing covers anything."""
    page = doctor.page
    change_sign_ins(doctor.portal, "stepped_up_at", datetime.now(UTC) - timedelta(hours=13))
    page.keyboard.press("Alt+i")
    expect(page.locator("#step_up_code")).to_be_focused()
    for size in (TABLET, WIDE):
        page.set_viewport_size(size)
        assert are_apart(page.locator(".issue .field"), page.locator(".ending")), size
        assert is_whole(page, page.locator("#step_up_code")), size
    doctor.look("code")
    page.locator("#step_up_code").fill("000000")
    # Nobody of a demonstration has a second factor, so the answer would be a refusal.
    page.route("**/prescription", lambda route: route.fulfill(status=204))
    with page.expect_request("**/prescription"):
        page.keyboard.press("Enter")
    page.locator(".ending summary").click()

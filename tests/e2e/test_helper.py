"""The desk of a wellness centre sits with a patient in the video call, on the centre's tablet."""

import pytest
from playwright.sync_api import expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_call_screen import OUTSIDE
from tests.servers import Portal, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
FAMILIES = {"en": ("9000000055", "1000165", "eye"), "hi": ("9000000096", "1000288", "ent")}
TABLETS = [(820, 1180), (1180, 820), (1280, 800)]


def measured(desk: Person, name: str) -> None:
    """Every control lies on the first screen of a tablet, both ways round."""
    wrong = []
    for width, height in TABLETS:
        desk.page.set_viewport_size({"width": width, "height": height})
        desk.page.wait_for_timeout(100)
        desk.page.screenshot(path=desk._folder / f"{name}-{width}x{height}.png")
        wrong += desk.page.evaluate(OUTSIDE, "#main")
    assert not wrong, "\n".join(wrong)


def token_of(portal: Portal, mobile: str, ben_id: str, specialty: str) -> str:
    """The uid of a visit that a family asked for by itself, with a doctor on duty."""
    board = Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    return cast.ask_for_token(patient, specialty=specialty)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_desk_takes_over_a_token_and_sits_with_the_patient_in_the_call(
    enter: Enter, portal: Portal, language: str
) -> None:
    mobile, ben_id, specialty = FAMILIES[language]
    visit = token_of(portal, mobile, ben_id, specialty)
    desk = enter("desk", language).sign_in_as_staff("desk.01").open(f"/desk/people?q={ben_id}").look("found")
    desk.page.get_by_role("main").locator("a[href^='/desk/tokens/new']").click()
    desk.look("taken").choose("card_seen", "yes").press("Help with this token").look("tokens")
    board = Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open("/board").press("Call next")
    assert board.path == f"/visits/{visit}/consult", board.text
    sit = desk.page.locator(f"form[action='/desk/tokens/{visit}/call'] .button.call")
    expect(sit).to_have_text(desk.say("Sit together in the video call"))
    desk.look("ringing")
    sit.click()
    desk.page.wait_for_url("**/room")
    call = desk.page.locator("#video-call")
    expect(call).to_have_attribute("data-state", "waiting")
    desk.look("room")
    expect(call.get_by_role("group").get_by_role("button")).to_have_count(4)
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff(f"dr.{specialty}1")
    doctor.open(f"/visits/{visit}/consult")
    expect(call).to_have_attribute("data-state", "connected")
    expect(doctor.page.locator("#video-call")).to_have_attribute("data-state", "connected")
    wait_for(lambda: desk.frames_decoded() > 0 and doctor.frames_decoded() > 0, "both pictures")
    expect(doctor.page.locator("#helped .notice")).to_be_visible()
    doctor.shoot("with-helper")
    measured(desk, "connected")
    desk.press("Photo or help").look("sheet").press("Back to the call")
    desk.press("Leave call").press("Yes, leave")
    desk.page.wait_for_url("**/desk/tokens")
    desk.open("/desk/people").look("bar").page.locator(".call-bar").click()
    expect(call).to_have_attribute("data-state", "connected")
    doctor.open("/board")
    Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open(f"/visits/{visit}/consult").press(
        "Yes, complete without a prescription"
    )
    desk.page.wait_for_url("**/desk/tokens")
    desk.complaints = [line for line in desk.complaints if "410" not in line]  # over: said aloud by the browser

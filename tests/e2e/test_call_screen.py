"""The call as the whole screen of a telephone: everything to press is on the first screen, and leaving asks."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_shared_files import called
from tests.servers import Portal, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
FAMILIES = {"en": ("9000000090", "1000270", "medicine"), "hi": ("9000000091", "1000273", "orthopaedics")}
SIZES = [(320, 480), (360, 640), (390, 844), (844, 390)]
# Every control that is shown, with what of it that lies outside the first screen or under another element.
OUTSIDE = """(where) => [...document.querySelectorAll(`${where} :is(button, a)`)]
  .filter((each) => each.checkVisibility({ visibilityProperty: true })).flatMap((each) => {
    const { left, right, top, bottom, width, height } = each.getBoundingClientRect(), name = each.textContent.trim();
    const isIn = left >= 0 && top >= 0 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5;
    const isLarge = width >= 44 && height >= 44;
    const isFree = each.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    const isWhole = each.scrollWidth <= each.clientWidth + 1;
    return isIn && isLarge && isFree && isWhole ? [] : [`${name}: ${[left, top, right, bottom].map(Math.round)}`
      + `${isFree ? '' : ' covered'}${isWhole ? '' : ' clipped'}`];
  })"""
PICTURE = (
    "() => { const { width, height } = document.querySelector('#video-call .vc-stage').getBoundingClientRect(); "
    "return [width / innerWidth, height / innerHeight]; }"
)


def measured(patient: Person, name: str, where: str = "#main") -> None:
    """The controls at every size, as they are and at 200 % text."""
    page, wrong = patient.page, []
    for width, height in SIZES:
        for percent in (100, 200):
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
            page.wait_for_timeout(100)
            page.screenshot(path=patient._folder / f"{name}-{width}x{height}-{percent}.png")
            wrong += [(name, width, height, percent, line) for line in page.evaluate(OUTSIDE, where)]
            sizes = page.evaluate("[document.documentElement.scrollWidth, scrollY]"), page.evaluate(PICTURE)
            if sizes != ([width, 0], [1, 1]):
                wrong.append((name, width, height, percent, str(sizes)))
    page.evaluate("document.documentElement.style.fontSize = ''")
    assert not wrong, "\n".join(map(str, wrong))


def read_without_scripts(patient: Person, visit: str) -> None:
    """The page without JavaScript: files, telephone and the way back stand one below the other."""
    context = patient.context.browser.new_context(
        java_script_enabled=False,
        storage_state=patient.context.storage_state(),
        base_url=patient.portal.url,
        viewport={"width": 320, "height": 640},
    )
    page = context.new_page()
    page.goto(f"/visits/{visit}/room")
    page.screenshot(path=patient._folder / "without-scripts.png", full_page=True)
    for link in page.locator("#call-sheet a[href^='tel:'], #call-sheet a[href^='/visits/']").all():
        expect(link).to_be_visible()
    expect(page.locator("#share input[type=file]").first).to_be_visible()
    expect(page.locator("[data-sheet-close]")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_all_controls_of_the_call_lie_on_the_first_screen(enter: Enter, portal: Portal, language: str) -> None:
    mobile, ben_id, specialty = FAMILIES[language]
    visit = called(portal, mobile, ben_id, specialty)
    patient = enter("patient", language).sign_in_by_otp(mobile)
    patient.page.wait_for_url(f"**/visits/{visit}")  # the sign-in leads to the call that rings
    patient.look("ringing").open("/help").look("bar")
    patient.page.locator(".call-bar").click()
    patient.press("Call now")
    patient.page.wait_for_url("**/room")
    call = patient.page.locator("#video-call")
    expect(call).to_have_attribute("data-state", "waiting")
    patient.look("room")
    buttons = call.get_by_role("group").get_by_role("button")
    expect(buttons).to_have_count(4)
    measured(patient, "waiting")
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff(f"dr.{specialty}1")
    doctor.open(f"/visits/{visit}/consult")
    expect(call).to_have_attribute("data-state", "connected")
    measured(patient, "connected")
    patient.press("Leave call")
    measured(patient, "leaving", "[role=alertdialog]")
    patient.press("No, stay in the call")
    expect(call).to_have_attribute("data-state", "connected")
    patient.press("Photo or help").look("sheet")
    expect(patient.page.get_by_role("link", name=re.compile("112"))).to_be_visible()
    patient.press("Back to the call").press("More").look("more")
    patient.press("Write to each other").look("chat")
    expect(patient.page.locator("#video-call-text")).to_be_focused()
    patient.page.keyboard.press("Escape")
    asked: list[str] = []
    patient.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    patient.page.evaluate("location.assign('/home')")
    wait_for(lambda: asked == ["beforeunload"], "the question of the browser")
    assert patient.page.url.endswith("/room")
    expect(call).to_have_attribute("data-state", "connected")
    read_without_scripts(patient, visit)
    patient.press("Leave call").press("Yes, leave")
    patient.page.wait_for_url(f"**/visits/{visit}")

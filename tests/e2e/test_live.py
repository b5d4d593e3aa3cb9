"""The live pages when things go wrong: the server away, no internet, no JavaScript; and the display in the hall."""

import pytest
from playwright.sync_api import Browser, expect

from tests.day import cast
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, wait_for

MOBILE, BEN_ID, TOKEN = "9000000001", "1000001", "MED-001"
OTHER_MOBILE, EXEMPT = "9000000002", "1000006"  # of an age that needs no referral
BACK_WITHIN = 60_000  # a page that was cut off asks again after 22 s at the latest (live.js); then the server is busy
CAUSED_HERE = ("Failed to load resource", "ERR_", "Failed to fetch")  # what a browser says aloud when cut off


@pytest.fixture
def uid(portal: Portal) -> str:
    """Somebody with a token: by plain HTTP, as other tests look at those pages."""
    return cast.wait_in_queue(portal, MOBILE, BEN_ID)


def arrive(patient: Person, uid: str, mobile: str = MOBILE) -> Person:
    """The patient with the live page open."""
    patient.sign_in_by_otp(mobile)
    patient.page.wait_for_url("**/home")
    return patient.open(f"/visits/{uid}")


def on_duty(doctor: Person, username: str) -> Person:
    """A doctor at the board."""
    doctor.sign_in_as_staff(username).open("/board")
    doctor.page.locator("button[name='state'][value='on']").first.click()
    expect(doctor.button("Call next").first).to_be_enabled()
    return doctor


def make_display(admin: Person) -> str:
    """The administrator makes a display; its address is shown once."""
    admin.sign_in_as_staff("admin").open("/admin/displays").fill(place="Gole Market, hall 1")
    admin.choose("speaks", "yes").press("Make a display").look("display-made")
    return str(admin.page.locator(".notice a").text_content())


def light(person: Person, words: str) -> None:
    """The network light says this, by itself."""
    expect(person.page.locator("#light")).to_contain_text(person.say(words), timeout=BACK_WITHIN)


def test_pages_say_when_they_are_cut_off_and_go_on_by_themselves(
    enter: Enter, portal: Portal, uid: str, chromium: Browser
):
    admin = enter("admin", is_desktop=True)
    address = make_display(admin)
    screen = enter("display", is_desktop=True).open(address)
    screen.page.locator("#sound").click()
    patient = arrive(enter("patient"), uid)
    doctors = [on_duty(enter(name, is_desktop=True), name) for name in ("dr.medicine1", "dr.medicine2")]
    light(patient, "Connected. This page")
    portal.stop("serve")
    for person in (patient, screen):
        light(person, "No answer since")
    portal.start("serve")
    wait_for(portal.is_ready, "the portal to be back")
    for person in (patient, screen):
        light(person, "Connected again.")
    patient.context.set_offline(True)
    light(patient, "No internet since")
    patient.context.set_offline(False)
    light(patient, "Connected again.")

    doctors[0].open("/board").press("Call next")
    expect(patient.button("Call now")).to_be_enabled()
    expect(screen.page.locator("[data-call]")).to_have_text(TOKEN)
    expect(doctors[1].page.locator(".board")).to_contain_text(TOKEN)
    screen.look("called")
    assert patient.page.locator("[role=alert] [role=timer]").count() == 0, "a countdown is never read out"
    patient.press("I need more time")
    expect(patient.button("I need more time")).to_have_count(0)
    patient.look("longer")

    admin.open("/admin/displays").page.get_by_role("button", name="Revoke").click()
    expect(screen.page.locator("#revoked")).to_be_visible()
    expect(screen.page.locator("#live")).to_be_hidden()
    screen.look("revoked")

    context = chromium.new_context(
        java_script_enabled=False, storage_state=patient.context.storage_state(), base_url=portal.url
    )
    plain = context.new_page()
    plain.goto(f"/visits/{uid}")
    expect(plain.get_by_role("button", name="Call now")).to_be_enabled()
    plain.get_by_role("button", name="Call now").click()
    assert plain.url.endswith("/room")
    context.close()
    expect(patient.page.get_by_role("heading", name="You are with the doctor")).to_be_visible()
    for person in (patient, screen, *doctors):
        person.complaints = [line for line in person.complaints if not any(words in line for words in CAUSED_HERE)]


def test_a_plugins_button_on_a_waiting_page_comes_and_goes_with_the_plugin(enter: Enter, portal: Portal):
    with cast.sign_in(portal, OTHER_MOBILE) as browser:
        cast.register(browser, EXEMPT, "1950-01-01")
        uid = cast.ask_for_token(browser)
    patient = arrive(enter("patient"), uid, OTHER_MOBILE)
    check = patient.page.get_by_role("link", name=patient.say("Check camera and sound"))
    expect(check).to_be_visible()
    patient.page.evaluate("window.isSamePage = true")
    portal.command("plugin", "off", "video_webrtc", "--yes")
    expect(check).to_have_count(0)
    portal.command("plugin", "on", "video_webrtc")
    expect(check).to_be_visible()
    assert patient.page.evaluate("window.isSamePage"), "renewed without a reload"

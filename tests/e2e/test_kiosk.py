"""A centre's kiosk: one person after another, and nothing of the first for the second, not even by Back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.looks import NARROWEST, Look, look_every_way
from tests.e2e.people import Person
from tests.e2e.test_sign_in_ends import change_sign_ins
from tests.servers import Portal, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
FAMILIES = {"en": ("9000000061", "1000183", "9000000062"), "hi": ("9000000063", "1000189", "9000000065")}
LASTS = """async () => {
  const answer = await fetch("/sign-in", { headers: { "X-Background": "1" } });
  return (await answer.json()).lasts;
}"""
SIZES = [(360, 740), (820, 1180), (1280, 800)]


def paired(enter: Enter, language: str) -> Person:
    """A device that the desk has made a kiosk of its centre."""
    desk = enter("desk", language).sign_in_as_staff("desk.01").open("/kiosks").look("list")
    desk.fill(place="Hall").press("Make a kiosk").look("code")
    code = re.sub(r"\D", "", desk.page.locator(".token-plate b").inner_text())
    kiosk = enter("kiosk", language).open("/kiosk").look("pair").fill(code=code).press("Make it a kiosk")
    kiosk.page.wait_for_url("**/kiosk")
    return kiosk.look("start")


def fits(kiosk: Person, name: str) -> None:
    """Nothing is wider than the screen of a phone, a tablet or a computer, or is cut off in large type."""
    for width, height in SIZES:
        kiosk.page.set_viewport_size({"width": width, "height": height})
        kiosk.page.screenshot(path=kiosk._folder / f"{name}-{width}.png")
        assert kiosk.page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert NARROWEST.faults(kiosk.page) == [], name
    Look(390, 100, "light").take(kiosk.page)


def sign_in(kiosk: Person, mobile: str) -> None:
    """From the start page: the language first, then who is here."""
    kiosk.page.locator(f".languages a[lang={kiosk.language}]").click()
    kiosk.page.wait_for_url("**/login")
    fits(kiosk, "who")
    before = len([sms for sms in kiosk.portal.messages(template="otp") if sms["to"].endswith(mobile)])
    kiosk.fill(mobile=mobile).press("Send OTP")
    kiosk.page.wait_for_url("**/login/otp")
    kiosk.fill(otp=cast.otp_of(kiosk.portal.message("otp", mobile, after=before)["text"])).press("Verify")
    kiosk.page.wait_for_url(re.compile("/(home|register)$"))


def untouched(portal: Portal, seconds: int) -> None:
    """As if nobody had touched the kiosk for so long."""
    change_sign_ins(portal, "seen_at", datetime.now(UTC) - timedelta(seconds=seconds))


def is_at_start(kiosk: Person, *secrets: str) -> None:
    """The start page is shown, with nothing of these."""
    expect(kiosk.page.locator(".languages a")).to_have_count(2)
    assert kiosk.page.url.endswith("/kiosk")
    text = kiosk.page.content()
    assert not [secret for secret in secrets if secret in text]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_two_people_after_another_and_back_shows_nothing(enter: Enter, portal: Portal, language: str) -> None:
    first, ben_id, second = FAMILIES[language]
    cast.register(cast.sign_in(portal, first), ben_id, "1950-01-01")
    kiosk = paired(enter, language)
    fits(kiosk, "start")
    sign_in(kiosk, first)
    kiosk.open("/home").look("home")
    assert ben_id in kiosk.page.content()
    fits(kiosk, "home")
    kiosk.open("/tokens/new").look("token")
    kiosk.page.locator("header.top form[action='/logout'] button").click()
    kiosk.page.wait_for_url("**/kiosk")
    is_at_start(kiosk, ben_id)
    for _ in range(4):
        kiosk.page.go_back()
        kiosk.page.wait_for_load_state()
        assert ben_id not in kiosk.page.content()
    kiosk.open("/kiosk")
    sign_in(kiosk, second)
    assert {cookie["name"] for cookie in kiosk.page.context.cookies()} == {"kiosk", "lang", "portal"}
    assert kiosk.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_who_walks_away_is_asked_and_then_forgotten(enter: Enter, portal: Portal) -> None:
    mobile, ben_id = "9000000066", "1000198"
    cast.register(cast.sign_in(portal, mobile), ben_id, "1950-01-01")
    kiosk = paired(enter, "en")
    sign_in(kiosk, mobile)
    page, question = kiosk.page, kiosk.page.locator("#still")
    page.clock.install()
    kiosk.open("/home")
    expect(question).to_be_hidden()
    untouched(portal, 95)
    with page.expect_response("**/sign-in"):
        page.clock.run_for(92_000)
    page.clock.run_for(2000)
    expect(question).to_be_visible()
    expect(question.locator(".left")).to_have_text(re.compile(r"^\d+$"))
    kiosk.shoot("still")
    question.get_by_role("button", name="Yes, go on").click()
    expect(question).to_be_hidden()
    untouched(portal, 130)
    with page.expect_response("**/sign-in"):
        page.clock.run_for(92_000)
    page.wait_for_url("**/kiosk")
    is_at_start(kiosk, ben_id)


def test_the_desk_opens_a_visit_for_somebody_without_a_phone_who_is_called_and_then_forgotten(
    enter: Enter, portal: Portal
) -> None:
    mobile, ben_id = "9000000014", "1000042"  # of centre 01, and of no other test
    board = Reader(portal.url).sign_in_as_staff("dr.medicine1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    visit = cast.ask_for_token(patient, specialty="medicine")
    kiosk = paired(enter, "en")
    desk = enter("desk2").sign_in_as_staff("desk.01").open(f"/desk/people?q={ben_id}")
    desk.page.get_by_role("main").locator("a[href^='/desk/tokens/new']").click()
    desk.choose("card_seen", "yes").press("Help with this token")
    desk.page.locator(f"a[href='/desk/tokens/{visit}/kiosk']").click()
    desk.look("hand").choose("card_seen", "yes").press("Make a code").look("handed")
    look_every_way(desk, "handed")
    code = re.sub(r"\D", "", desk.page.locator(".token-plate b").inner_text())
    kiosk.page.locator(".languages a[lang=en]").click()
    kiosk.page.get_by_role("link", name="The desk gave me a code").click()
    kiosk.look("code").fill(code=code).press("Open my visit")
    kiosk.page.wait_for_url(f"**/visits/{visit}")
    kiosk.look("visit")
    fits(kiosk, "visit")
    expect(kiosk.page.get_by_text("The desk tells you when the doctor calls")).to_be_visible()
    expect(kiosk.page.get_by_text("we call you by SMS")).to_be_hidden()
    kiosk.open("/home")
    assert kiosk.page.url.endswith(f"/visits/{visit}")  # this visit, and nothing else
    call_at(kiosk, enter("doctor", is_desktop=True).sign_in_as_staff("dr.medicine1"), visit)
    kiosk.page.wait_for_url("**/kiosk")
    kiosk.look("over")
    fits(kiosk, "over")
    is_at_start(kiosk, ben_id)
    assert {cookie["name"] for cookie in kiosk.page.context.cookies()} == {"kiosk", "portal"}
    assert kiosk.page.evaluate("localStorage.length + sessionStorage.length") == 0
    for _ in range(6):
        kiosk.page.go_back()
        kiosk.page.wait_for_load_state()
        assert kiosk.page.locator("#video-call, .token-plate").count() == 0, kiosk.page.url
    kiosk.complaints = [line for line in kiosk.complaints if "410" not in line]  # over: said aloud by the browser


def call_at(kiosk: Person, doctor: Person, visit: str) -> None:
    """Doctor and kiosk see each other, for longer than a sign-in lasts without a touch; the doctor ends the visit."""
    doctor.open("/board").press("Call next")
    doctor.page.wait_for_url(f"**/visits/{visit}/consult")
    kiosk.press("Call now")
    kiosk.page.wait_for_url("**/room")
    for side in (kiosk, doctor):
        expect(side.page.locator("#video-call")).to_have_attribute("data-state", "connected")
    wait_for(lambda: kiosk.frames_decoded() > 0 and doctor.frames_decoded() > 0, "both pictures")
    kiosk.shoot("call")
    untouched(kiosk.portal, 110)
    wait_for(lambda: kiosk.page.evaluate(LASTS) > 100, "the call to keep the sign-in")
    seen = kiosk.frames_decoded()
    wait_for(lambda: kiosk.frames_decoded() - seen >= 10, "more pictures")
    doctor.open("/board")
    Reader(kiosk.portal.url).sign_in_as_staff("dr.medicine1").open(f"/visits/{visit}/consult").press(
        "Yes, complete without a prescription"
    )

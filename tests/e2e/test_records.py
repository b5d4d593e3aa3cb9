"""Records beside the call: thumbnails, the reader with zoom and brightness, and what works without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, wait_for

# Somebody older than seventy for each language, who needs no referral, and a specialty, whose doctor is free.
FAMILIES = {"en": ("9000000072", "1000216", "ent"), "hi": ("9000000073", "1000219", "eye")}


def in_call(portal: Portal, patient: Reader, specialty: str) -> str:
    """The uid of a visit whose records are ready and whose patient has been called."""
    visit = cast.ask_for_token(patient, specialty=specialty)
    shown = "//img[@class='thumbnail']"
    wait_for(lambda: len(patient.open(f"/visits/{visit}/records").tree.xpath(shown)) == 2, "both records")
    board = Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    board.open("/board").press("Call next")
    patient.open(f"/visits/{visit}").press("Call now", follow=False)
    return visit


def read(doctor: Person) -> None:
    """The X-ray is opened beside the call, enlarged, brightened, turned into its negative, and put back."""
    page = doctor.page
    page.locator(".papers a").first.click()
    picture = page.locator("#reader .sheets img").first
    expect(picture).to_be_visible()
    wait_for(lambda: picture.evaluate("img => img.complete && img.naturalWidth > 0"), "the picture")
    doctor.look("reader")
    before = picture.bounding_box()["width"]
    picture.click()
    assert picture.bounding_box()["width"] == pytest.approx(2 * before, rel=0.05)
    page.locator("[data-look=light]").fill("200")
    page.locator("[data-look=negative]").check()
    assert picture.evaluate("img => getComputedStyle(img).filter") == "brightness(2) contrast(1) invert(1)"
    doctor.look("enlarged").press("As it was")
    assert picture.evaluate("img => getComputedStyle(img).filter") == "brightness(1) contrast(1) invert(0)"
    assert picture.bounding_box()["width"] == pytest.approx(before, rel=0.05)
    assert len(page.context.pages) == 1, "nothing was downloaded or opened elsewhere"
    page.keyboard.press("Escape")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_x_ray_is_read_beside_the_call(enter: Enter, portal, language):
    mobile, ben_id, specialty = FAMILIES[language]
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    visit = in_call(portal, patient, specialty)
    family = enter("family", language).sign_in_by_otp(mobile).open(f"/visits/{visit}")
    expect(family.page.locator(".thumbnail")).to_have_count(2)
    family.look("records")
    doctor = (
        enter("doctor", language, is_desktop=True).sign_in_as_staff(f"dr.{specialty}1").open(f"/visits/{visit}/consult")
    )
    expect(doctor.page.locator(".papers img")).to_have_count(2)
    doctor.look("consult")
    read(doctor)

"""Records beside the call: thumbnails, the reader with zoom and brightness, and what works without JavaScript."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.day import cast, papers
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, wait_for

# Somebody older than seventy for each language, who needs no referral, and a specialty, whose doctor is free.
FAMILIES = {"en": ("9000000072", "1000216", "ent"), "hi": ("9000000073", "1000219", "eye")}

OLDER = ("9000000092", "1000276")
ACTIVE = b"<html><body onload='__xss=1'><script>__xss=2</script></body></html>"


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


def acting_report() -> bytes:
    """A PDF that runs a script when it is opened."""
    with pikepdf.open(BytesIO(papers.report())) as pdf:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        pdf.Root.OpenAction, saved = pdf.make_indirect(action), BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def downloaded(page: Page, number: int, folder: Path) -> Path:
    """Save the record as the browser does when its link is pressed."""
    with page.expect_download() as waited:
        page.locator("a[href^='/records/']:not([href*='beside'])").nth(number).evaluate("link => link.click()")
    place = folder / waited.value.suggested_filename
    waited.value.save_as(place)
    return place


def test_a_download_holds_nothing_that_runs(enter: Enter, portal, tmp_path):
    """A picture that is a page as well, and a PDF that acts when opened: saved, and opened from the disk (S48)."""
    mobile, ben_id = OLDER
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    patient.open("/tokens/new")
    who = patient.tree.xpath("//input[@name='beneficiary']/@value")[0]
    fields = {"beneficiary": who, "specialty": "medicine", "complaint": cast.COMPLAINT, "consent": "yes"}
    picture = ("records", ("scan.html", papers.photograph() + ACTIVE, "text/html"))
    report = ("records", ("report.html.pdf", acting_report(), "application/pdf"))
    patient.press("Request token", fields, files=[picture, report])
    shown = "//img[@class='thumbnail']"
    listed = f"{patient.path}/records"
    wait_for(lambda: len(patient.open(listed).tree.xpath(shown)) == 2, "both records")
    page = enter("family", "en").sign_in_by_otp(mobile).open(listed).page
    saved = [downloaded(page, number, tmp_path) for number in (0, 1)]
    assert sorted(place.suffix for place in saved) == [".jpg", ".pdf"]
    for place in saved:
        assert b"__xss" not in place.read_bytes()
    (jpeg,) = [place for place in saved if place.suffix == ".jpg"]
    other = page.context.new_page()
    other.goto(jpeg.as_uri())
    assert other.evaluate("[document.contentType, typeof __xss]") == ["image/jpeg", "undefined"]
    (copy,) = [place for place in saved if place.suffix == ".pdf"]
    with pikepdf.open(copy) as pdf:
        assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(pdf.Root.keys())

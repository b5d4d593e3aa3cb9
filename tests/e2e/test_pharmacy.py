"""The pharmacist's counter: scan, give a part, reverse, order from the chemist, hand over; with camera and scanner."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser import QUIET
from tests.day import cast, papers
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, wait_for

# Somebody older than seventy for each language, who needs no referral.
FAMILIES = {"en": ("9000000072", "1000216"), "hi": ("9000000073", "1000219")}
MEDICINES = (("Amlodipine", "5 mg", "OD", "180", "180"), ("Atorvastatin", "10 mg", "HS", "30", "30"))
FILM = (640, 480)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """What the camera sees; it is read when the camera starts."""
    return tmp_path / "film.mjpeg"


@pytest.fixture
def chromium(chromium: Browser, film: Path) -> Iterator[Browser]:
    """Another Chromium, whose camera shows the film."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    args = [*QUIET, f"--use-file-for-fake-video-capture={film}"]
    browser = chromium.browser_type.launch(executable_path=found, args=args)
    yield browser
    browser.close()


def show(film: Path, text: str) -> None:
    """Hold the QR code of a text before the camera, a little crooked, on a table that is not white."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=6, border=4)
    paper = Image.open(drawn).convert("L")
    table = Image.new("L", FILM, 110)
    table.paste(paper, ((FILM[0] - paper.width) // 2, (FILM[1] - paper.height) // 2))
    frame = io.BytesIO()
    table.rotate(9, fillcolor=110, resample=Image.Resampling.BICUBIC).convert("RGB").save(frame, "jpeg", quality=70)
    film.write_bytes(frame.getvalue() * 20)


def prescribed(portal: Portal, mobile: str, ben_id: str, language: str) -> str:
    """Two medicines for a long-standing illness, prescribed by the eye doctor; the address in the QR code."""
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01", language)
    visit = cast.ask_for_token(patient, specialty="eye")
    doctor = Reader(portal.url).sign_in_as_staff("dr.eye1").open("/board")
    if doctor.has_button("On duty"):
        doctor.press("On duty")
    doctor.open("/board").press("Call next")
    patient.open(f"/visits/{visit}").press("Call now", follow=False)
    rows = {}
    for place, (drug, strength, frequency, days, quantity) in enumerate(MEDICINES):
        row = {"drug": drug, "form": "tablet", "strength": strength, "dose": "1", "frequency": frequency}
        row |= {"duration_days": days, "quantity": quantity, "taken_since": "2019", "reason": "as before"}
        rows |= {f"items-{place}-{part}": text for part, text in row.items()}
    said = {"diagnosis": "Hypertension", "identity": "yes", "age": "yes", "mode": "video"}
    doctor.open(f"/visits/{visit}/consult")
    doctor.press("Save draft", said | {name: text for name, text in rows.items() if name.startswith("items-0")})
    doctor.press("Issue prescription", rows)
    asked = doctor.tree.xpath("//input[@name='judgement']/@value")
    if asked:
        doctor.press("Issue prescription", {"judgement": asked[0]})
    assert doctor.has_button("Complete"), doctor.errors
    doctor.press("Complete")
    address = f"/visits/{visit}/prescription.pdf"
    wait_for(lambda: patient.http.get(address).status_code == 200, "the prescription")
    printed = papers.text_of(patient.http.get(address).content)
    return f"{portal.url}/rx/{printed.partition('/rx/')[2].split()[0]}"


def scan_with_the_camera(pharmacist: Person) -> None:
    """Open the prescription that the camera sees."""
    pharmacist.open("/dispense").look("counter").press("Scan with the camera")
    pharmacist.page.wait_for_url("**/dispense?code=*")
    pharmacist.look("sheet")


def scan_by_hand(pharmacist: Person, address: str, into: str = "") -> None:
    """Use the handheld scanner: it types the address and Enter, wherever the cursor stands."""
    if into:
        pharmacist.page.locator(f"[name='{into}']").first.focus()
    pharmacist.page.keyboard.type(address)
    pharmacist.page.keyboard.press("Enter")
    pharmacist.page.wait_for_url(f"**/dispense?code={quote(address, safe='')}")


def give_a_part(pharmacist: Person) -> None:
    """Give what the sheet proposes of the first medicine to a representative; the next date is told."""
    page = pharmacist.page
    expect(page.locator("[name='items-0-quantity']").first).to_have_value("90")
    pharmacist.fill(items__1__quantity="0", collected_by="Sita", identity_last4="1234")
    page.locator("[name='identity_kind']").select_option("aadhaar")
    pharmacist.press("Dispense")
    expect(page.get_by_role("heading", name=pharmacist.say("Medicines given"))).to_be_visible()
    expect(page.locator("#items-0-quantity-help")).to_contain_text("2027")
    expect(page.locator("#items-0-quantity")).to_have_value("")  # more only by a written permission


def reverse(pharmacist: Person) -> None:
    """Reverse it with a reason: the same may be given again."""
    page = pharmacist.page
    page.locator(".given summary").click()
    page.locator(".given [name='reason']").fill("Wrong box taken")
    pharmacist.look("reversing").press("Reverse")
    expect(page.locator("#notice")).to_contain_text(pharmacist.say("Reversed: these medicines count as not given."))
    expect(page.locator("[name='items-0-quantity']").first).to_have_value("90")
    pharmacist.look("reversed")


def order(pharmacist: Person, portal: Portal, mobile: str, address: str) -> None:
    """Order the second medicine, mark it as ready, and hand it over with the first one."""
    page = pharmacist.page
    page.locator(".lacking > summary").click()
    pharmacist.look("ordering")
    page.locator(".lacking form").last.get_by_role("button").click()
    expect(page.locator("#notice")).to_contain_text("IN-26")
    pharmacist.open("/dispense/indents").look("indents").press("Ready")
    expect(page.locator("#indents tbody .chip")).to_have_attribute("data-state", "ready")
    portal.message("indent_ready", mobile)
    pharmacist.open("/dispense")
    scan_by_hand(pharmacist, address)
    expect(page.locator("[name^='indent-']")).to_be_checked()
    pharmacist.look("to-collect").press("Dispense")
    expect(page.locator("#sheet > .state .chip")).to_have_attribute("data-state", "valid")
    expect(page.locator(".given .chip")).to_have_attribute("data-state", "collected")
    pharmacist.look("collected")


def print_it(pharmacist: Person) -> None:
    """On paper stands who got what, and no form."""
    page = pharmacist.page
    page.emulate_media(media="print")
    for shown in (".medicines tbody tr >> nth=0", ".given li >> nth=0", ".signatures", ".on-paper >> nth=0"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in ("#sheet input:visible", "#sheet button:visible", "#sheet summary:visible", "#sheet .help:visible"):
        expect(page.locator(hidden)).to_have_count(0)
    page.emulate_media(media="screen")
    expect(page.locator(".signatures")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_pharmacist_scans_gives_a_part_reverses_and_orders(enter: Enter, portal: Portal, film: Path, language: str):
    mobile, ben_id = FAMILIES[language]
    address = prescribed(portal, mobile, ben_id, language)
    show(film, address)
    pharmacist = enter("pharmacist", language, is_desktop=language == "en").sign_in_as_staff("pharm.01")
    scan_with_the_camera(pharmacist)
    give_a_part(pharmacist)
    reverse(pharmacist)
    order(pharmacist, portal, mobile, address)
    print_it(pharmacist)


def test_a_handheld_scanner_opens_the_next_prescription_from_any_field(enter: Enter, portal: Portal, film: Path):
    address = prescribed(portal, "9000000074", "1000222", "en")
    pharmacist = enter("pharmacist", is_desktop=True).sign_in_as_staff("pharm.02").open("/dispense")
    scan_by_hand(pharmacist, address)
    pharmacist.fill(items__0__quantity="7")
    scan_by_hand(pharmacist, address.replace("http:", "HTTP:"), into="collected_by")
    expect(pharmacist.page.locator("[name='collected_by']")).to_have_value("")
    expect(pharmacist.page.locator("[name='items-0-quantity']").first).to_have_value("90")
    without_the_cursor_at_first(pharmacist, address)


def without_the_cursor_at_first(pharmacist: Person, address: str) -> None:
    """A page just opened shows before its field has the cursor: a scanner is faster than that."""
    page = pharmacist.open("/dispense").page
    code = page.locator("[name='code']")
    expect(code).to_be_focused()
    code.blur()
    page.keyboard.type(address[:9])
    code.focus()
    page.keyboard.type(address[9:])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/dispense?code={quote(address, safe='')}")


def test_the_camera_says_when_a_qr_code_is_not_of_a_prescription(enter: Enter, film: Path):
    show(film, "https://example.org/menu")
    pharmacist = enter("pharmacist").sign_in_as_staff("pharm.03").open("/dispense")
    pharmacist.press("Scan with the camera")
    expect(pharmacist.page.locator("#scan-box [role=status]")).to_have_text("This QR code is not of a prescription.")
    pharmacist.look("another-code").page.locator("#scan-box button").click()
    expect(pharmacist.page.locator("#scan-box")).to_be_hidden()
    pharmacist.page.wait_for_function("document.querySelector('#scan-box video').srcObject === null")

"""A finished visit as its patient uses it on a telephone: read, listened to, printed, shown to a centre by a code."""

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import expect

from tests.day import papers
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_pharmacy import FAMILIES, prescribed

# Stands for the telephone's own voices, the outermost edge; `spoken` is the ledger of what they were given.
VOICES = """(() => {
  const voices = ["en-IN", "hi-IN"].map((lang) => ({ lang }));
  window.spoken = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
    getVoices: () => voices,
    cancel: () => { window.spoken.length = 0; },
    speak: (sentence) => {
      window.spoken.push({ text: sentence.text, lang: sentence.lang, voice: sentence.voice.lang });
      sentence.onstart?.();
    },
  }) });
})()"""
SAID = {
    "en": ("AMLODIPINE 5 mg, tablet. 1 tablet once a day", "180 days"),
    "hi": ("AMLODIPINE 5 mg, गोली. 1 गोली दिन में एक बार", "180 दिन"),
}


def listen(patient: Person) -> None:
    """All that stands on the cards is spoken, in the page's language, with a voice of it; a second press is silence."""
    page = patient.page
    patient.press("Listen")
    spoken = page.evaluate("window.spoken")
    written = page.locator("#medicines [data-say]").evaluate_all("all => all.map((each) => each.dataset.say)")
    assert [each["text"] for each in spoken] == written
    assert {(each["lang"], each["voice"]) for each in spoken} == {(f"{patient.language}-IN",) * 2}
    assert all(part in " ".join(written) for part in SAID[patient.language])
    expect(page.locator(".is-read")).to_have_count(1)
    patient.look("aloud").press("Stop")
    assert page.evaluate("window.spoken") == []
    expect(page.locator(".is-read")).to_have_count(0)


def print_it(patient: Person, folder: Path) -> None:
    """On paper stand the medicines and the code, without buttons and navigation."""
    page = patient.page
    page.emulate_media(media="print")
    page.screenshot(path=folder / f"{patient.language}.png", full_page=True)
    expect(patient.button("Print this page")).to_be_hidden()
    expect(page.locator("nav.main")).to_be_hidden()
    page.emulate_media(media="null")
    paper = page.pdf(
        path=folder / f"{patient.language}.pdf",
        format="A4",
        margin=dict.fromkeys(("top", "bottom", "left", "right"), "1cm"),
    )
    text = papers.text_of(paper)
    assert len(pikepdf.open(BytesIO(paper)).pages) == 1
    assert patient.say("Your reports and old prescriptions") not in text
    assert all(part in text for part in ("AMLODIPINE", "ATORVASTATIN", page.locator(".counter .code").inner_text()))


def code_for_the_centre(patient: Person) -> str:
    patient.press("Let somebody collect them").page.wait_for_url("**/shares")
    patient.choose("with", "centre").page.locator("[name='centre']").select_option("01")
    patient.press("Make a code")
    code = patient.page.locator(".share .code").inner_text()
    patient.look("code")
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", code)
    return code


def open_by_code(pharmacist: Person, code: str) -> None:
    """A link fills in the code and does not use it up; the button opens the sheet, also after a reload."""
    for _link in range(2):
        pharmacist.open(f"/dispense?code={code}")
        expect(pharmacist.page.locator("[name='code']")).to_have_value(code)
    pharmacist.look("link").press("Open").page.wait_for_url(lambda url: "code=" in url and code not in url)
    pharmacist.page.reload()
    expect(pharmacist.page.locator("table.medicines")).to_contain_text("Amlodipine")
    pharmacist.look("sheet")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_patient_reads_listens_prints_and_shows_the_medicines_to_a_centre(enter: Enter, portal, language, tmp_path):
    mobile, ben_id = FAMILIES[language]
    prescribed(portal, mobile, ben_id, language)
    patient = enter("patient", language).sign_in_by_otp(mobile)
    patient.context.add_init_script(VOICES)
    patient.open("/my/visits").look("visits").page.locator(".visits h3 a").first.click()
    expect(patient.page.locator("#medicines .medicines > li")).to_have_count(2)
    patient.look("medicines")
    assert patient.page.locator("#medicines .nowrap").first.bounding_box()["height"] < 40, "the number is one line"
    listen(patient)
    print_it(patient, tmp_path)
    code = code_for_the_centre(patient)
    pharmacist = enter("pharmacist", language).sign_in_as_staff("pharm.01")
    open_by_code(pharmacist, code)
    patient.open("/my/readers").look("readers")
    lines = patient.page.locator("table tbody tr")
    expect(lines.first).to_contain_text(patient.say("with the one-time code that you made"))
    expect(lines.filter(has_text=patient.say("for a consultation"))).to_have_count(1)

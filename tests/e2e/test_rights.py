"""A patient's rights in Hindi on a telephone, the officer's answer, and what the administrator sees of retention."""

import json
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_day import arrive
from tests.servers import Portal, wait_for

MOBILE, BEN_ID = "9000000095", "1000283"
GRIEVANCE = "कॉल दो बार कट गई, और डॉक्टर से बात पूरी नहीं हुई।"
ANSWER = "हमें खेद है। कृपया नया टोकन लें; नेटवर्क अब ठीक है।"


def download(patient: Person) -> dict:
    """Ask for a copy of everything, wait for it on the page, and fetch it; what its JSON says."""
    patient.open("/my/rights").look("rights")
    patient.page.get_by_role("link", name=patient.say("Get a copy of all data")).click()
    patient.look("copies").press("Make a copy")
    link = patient.page.locator("#copies a[download]")
    expect(link).to_be_visible(timeout=60_000)  # the page asks by itself until it is made
    patient.look("copy-made")
    with patient.page.expect_download() as begun:
        link.click()
    with zipfile.ZipFile(begun.value.path()) as archive:
        return json.loads(archive.read("everything.json"))


def complain(patient: Person) -> str:
    """Raise a grievance; its number."""
    patient.open("/grievance").look("grievance").fill(text=GRIEVANCE).press("Send")
    patient.page.wait_for_url("**/my/cases/*")
    patient.look("case")
    return patient.page.url


def hold_and_release(admin: Person) -> None:
    """Hold everything of the patient, and release it on the hold's own page."""
    admin.open("/admin/holds").look("no-holds").fill(number=BEN_ID, reason="Order 12/2026 of the High Court")
    admin.press("Hold").page.wait_for_url("**/admin/holds")
    admin.look("held").page.get_by_role("table").get_by_role("link").click()
    admin.fill(reason="The court has decided").look("hold").press("Release the hold")
    expect(admin.page.locator("#notice")).to_contain_text("Released.")


@pytest.mark.usefixtures("portal")
def test_a_patient_downloads_everything_complains_and_reads_the_answer(enter: Enter, portal: Portal) -> None:
    patient, officer = enter("patient", "hi"), enter("officer", is_desktop=True)
    patient.page.set_viewport_size({"width": 360, "height": 740})
    arrive(patient, MOBILE, BEN_ID)
    everything = download(patient)
    assert everything["person"]["ben_id"] == BEN_ID
    case = complain(patient)
    number = patient.page.locator("h1").inner_text().split()[-1]
    officer.sign_in_as_staff("admin").open("/admin/cases").look("cases")
    officer.page.get_by_role("link", name=number).click()
    expect(officer.page.get_by_text(GRIEVANCE)).to_be_visible()
    officer.choose("outcome", "done").fill(text=ANSWER).look("case").press("Send the answer")
    expect(officer.page.locator("#notice")).to_contain_text("The answer stands on the family")
    patient.open(case).look("answered")
    expect(patient.page.get_by_text(ANSWER)).to_be_visible()
    assert number in portal.message("case_answered", MOBILE)["text"]
    hold_and_release(officer)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_an_administrator_makes_a_dry_run_and_places_a_hold(enter: Enter, language: str) -> None:
    admin = enter("admin", language, is_desktop=True).sign_in_as_staff("admin")
    admin.open("/admin/retention").look("retention").press("Make a dry run")
    admin.page.wait_for_url("**/admin/retention")
    wait_for(lambda: _is_counted(admin), "the dry run")
    admin.look("counted").page.get_by_role("link", name=admin.say("By month, and to confirm it")).click()
    expect(admin.page.get_by_role("main")).to_contain_text(admin.say("A dry run: it has counted and deleted nothing."))
    admin.look("report")
    admin.open("/admin/holds").look("holds")
    form = admin.page.locator("details.card")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    admin.fill(number="999", reason="Order 12/2026 of the High Court").press("Hold")
    expect(admin.page.locator("#errors")).to_be_visible()
    admin.complaints = [line for line in admin.complaints if "422" not in line]  # said aloud by the browser
    expect(admin.page.locator("[name='reason']")).to_have_value("Order 12/2026 of the High Court")
    admin.look("refused")
    heights = admin.page.locator("nav.main li").evaluate_all("all => new Set(all.map((one) => one.offsetTop)).size")
    assert heights <= 1  # the menu stands in one row


def _is_counted(admin: Person) -> bool:
    """The worker has finished the dry run."""
    admin.page.reload()
    return bool(admin.page.get_by_role("link", name=admin.say("By month, and to confirm it")).count())

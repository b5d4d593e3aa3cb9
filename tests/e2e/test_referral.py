"""From a patient's "please refer me" to the specialist's answer on the medical officer's screen, in four browsers."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.day import papers
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.e2e.test_day import arrive, call, leave, talk
from tests.servers import wait_for

FAMILIES = {"en": ("9000000028", "1000083"), "hi": ("9000000069", "1000206")}  # both of centre 01
COMPLAINT = "Blurred vision for a month, worse at night"
REASON = "Diabetic since 2011, please advise on retinal screening"
DIAGNOSIS, ADVICE = "Mild retinopathy", "Keep the sugar below 140"


def ask(patient: Person) -> None:
    """The token is refused; its page leads to the request, with what was typed, which takes a photo."""
    patient.open("/tokens/new").choose("specialty", "eye").choose("consent", "yes").fill(complaint=COMPLAINT)
    patient.press("Request token")
    expect(patient.page.locator("#errors")).to_be_visible()
    patient.complaints = [line for line in patient.complaints if "422" not in line]  # said aloud by the browser
    patient.look("refused").press("Ask for a referral")
    patient.page.wait_for_url("**/referrals/requests")
    expect(patient.page.locator("[name='complaint']")).to_have_value(COMPLAINT)
    patient.look("ask")
    photo = {"name": "eye.jpg", "mimeType": "image/jpeg", "buffer": papers.photograph()}
    patient.page.locator("input[name='records']").set_input_files([photo])
    patient.press("Ask the medical officer")
    patient.page.wait_for_url("**/my/referrals")
    expect(patient.page.get_by_text(patient.say("waits for an answer"))).to_be_visible()
    patient.look("asked")


def answer(officer: Person, ben_id: str) -> str:
    """The officer sees complaint and photo, and refers; the address of the referral."""
    officer.sign_in_as_staff("mo.01").open("/referrals/requests").look("requests")
    officer.page.get_by_role("row").filter(has_text=ben_id).get_by_role("link").click()
    expect(officer.page.get_by_text(COMPLAINT)).to_be_visible()
    picture = officer.page.get_by_role("img", name="eye.jpg")
    wait_for(lambda: _reloaded(officer, picture), "the photo, cleaned")
    officer.look("request")
    officer.page.get_by_role("main").get_by_role("link", name="Refer").last.click()
    officer.page.wait_for_url("**/referrals/new?*")
    expect(officer.page.locator("#found")).to_contain_text(ben_id)
    officer.fill(reason=REASON).look("refer").press("Refer")
    officer.page.wait_for_url("**/referrals")
    expect(officer.page.locator("#notice")).to_contain_text("is referred to Eye")
    officer.page.get_by_role("row").filter(has_text=ben_id).first.get_by_role("link").click()
    return officer.look("referral").page.url


def _reloaded(officer: Person, picture) -> bool:
    """The photo is shown once the worker has cleaned it."""
    officer.page.reload()
    return bool(picture.count())


def take_token(patient: Person) -> str:
    """The referral stands on the home page and leads to the token form, where it stands again; the uid of the visit."""
    patient.open("/home").look("referred")
    patient.page.get_by_role("link", name=patient.say("Ask for a token: %(specialty)s").split("%")[0]).first.click()
    patient.page.wait_for_url("**/tokens/new?*")
    expect(patient.page.locator("input[name='specialty'][value='eye']")).to_be_checked()
    patient.look("token-form").choose("consent", "yes").fill(complaint=COMPLAINT).press("Request token")
    patient.page.wait_for_url("**/visits/*")
    return patient.page.url.rpartition("/")[2]


def write(doctor: Person) -> None:
    """The specialist sees the photo that came with the referral, writes the answer and issues it."""
    expect(doctor.page.get_by_text("eye.jpg").first).to_be_visible()
    doctor.fill(complaints="Blurred vision", diagnosis=DIAGNOSIS, advice=ADVICE)
    doctor.press("I asked both").press("Issue prescription")
    expect(doctor.page.get_by_text("is issued")).to_be_visible()
    doctor.press("Complete")
    doctor.page.wait_for_url("**/board")


def read(officer: Person, referral: str) -> None:
    """The answer is new on the list, stands on the referral, and is noted."""
    officer.open("/referrals?show=new").look("new-answers")
    assert officer.page.locator(f"a[href='{urlsplit(referral).path}']").count() == 1
    officer.open(referral)
    for words in (DIAGNOSIS, ADVICE):
        expect(officer.page.get_by_text(words)).to_be_visible()
    officer.look("answer").press("I have read the answer")
    officer.page.wait_for_url("**/referrals")
    expect(officer.page.get_by_text("New answers (0)")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_request_becomes_a_referral_a_consultation_and_an_answer(enter: Enter, portal, language):
    mobile, ben_id = FAMILIES[language]
    patient = enter("patient", language)
    officer, doctor = (enter(who, is_desktop=True) for who in ("officer", "doctor"))
    arrive(patient, mobile, ben_id)
    ask(patient)
    referral = answer(officer, ben_id)
    assert portal.message("referral", mobile)["lang"] == language
    visit = take_token(patient)
    doctor.sign_in_as_staff("dr.eye1")
    if doctor.button("On duty").count():
        doctor.press("On duty")
    call(doctor, patient)
    talk(doctor, patient)
    leave(patient)
    write(doctor)
    wait_for(lambda: patient.context.request.get(f"/visits/{visit}/prescription.pdf").status == 200, "the prescription")
    read(officer, referral)
    slip = patient.open("/my/referrals").look("mine").button("Slip (PDF)").get_attribute("href")
    wait_for(lambda: patient.context.request.get(slip).status == 200, "the slip")
    assert ben_id in papers.text_of(patient.context.request.get(slip).body())

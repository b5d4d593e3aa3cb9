"""The clinic day of four people in four browsers, with a real call; once with the patient in English, once in Hindi."""

import pytest
from playwright.sync_api import expect

from tests.day import papers
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import wait_for

FRAMES_SEEN = 30
# Each language has a family of its own: the second day must not find the first one's token.
FAMILIES = {"en": ("9000000001", "1000001"), "hi": ("9000000042", "1000124")}  # both of centre 01


def arrive(patient: Person, mobile: str, ben_id: str) -> None:
    """Sign in and register."""
    patient.sign_in_by_otp(mobile)
    patient.page.wait_for_url("**/register")
    patient.look("register")
    patient.fill(ben_id=ben_id, date_of_birth="1985-05-05", name="Ramesh", address="12 Lodhi Road, New Delhi")
    patient.choose("language", patient.language).choose("consent", "yes").press("Register")
    patient.page.wait_for_url("**/home")
    patient.look("home")


def refer(officer: Person, username: str, ben_id: str) -> None:
    """The medical officer writes the slip."""
    officer.sign_in_as_staff(username).look("referrals").press("New referral")
    officer.page.wait_for_url("**/referrals/new")
    officer.fill(ben_id=ben_id, reason="Blood pressure not controlled")
    officer.page.locator("[name='specialty']").select_option("medicine")
    officer.look("new-referral").press("Refer")
    officer.page.wait_for_url("**/referrals")
    officer.look("referrals-after")


def ask_for_token(patient: Person) -> str:
    """Ask for a token with two records; the uid of the visit."""
    patient.open("/tokens/new").look("new-token")
    patient.page.locator("input[name='beneficiary']").first.check()
    patient.choose("specialty", "medicine").choose("consent", "yes").fill(complaint="Headache for two weeks")
    patient.page.locator("input[name='records']").set_input_files(
        [
            {"name": "old prescription.jpg", "mimeType": "image/jpeg", "buffer": papers.photograph()},
            {"name": "report.pdf", "mimeType": "application/pdf", "buffer": papers.report()},
        ]
    )
    patient.press("Request token")
    patient.page.wait_for_url("**/visits/*")
    return patient.page.url.rpartition("/")[2]


def call(doctor: Person, patient: Person) -> None:
    """The doctor presses next; the patient's page lights up by itself."""
    doctor.open("/board").look("board").press("Call next")
    expect(patient.button("Call now")).to_be_enabled()


def talk(doctor: Person, patient: Person) -> None:
    """Both are in the room and see each other."""
    patient.look("call-now").press("Call now")
    patient.page.wait_for_url("**/room")
    doctor.page.wait_for_url("**/consult")
    for person in (patient, doctor):
        wait_for(lambda person=person: person.frames_decoded() >= FRAMES_SEEN, f"the video of the {person.name}")
    patient.look("room")
    doctor.look("consult")
    own = patient.say("You")
    for person, labels in ((patient, (own, patient.say("Doctor"))), (doctor, ("You", "Patient"))):
        for label in labels:
            expect(person.page.locator("video").and_(person.page.get_by_label(label, exact=True))).to_have_count(1)


def leave(patient: Person) -> None:
    """The patient hangs up."""
    patient.press("Leave call").press("Yes, leave")
    patient.page.wait_for_url(lambda url: not url.endswith("/room"))


def write(doctor: Person) -> None:
    """Notes, one medicine, issue, complete."""
    doctor.fill(complaints="Headache", diagnosis="Essential hypertension", advice="Less salt")
    doctor.fill(items__0__drug="Paracetamol", items__0__form="tablet", items__0__strength="500 mg", items__0__dose="1")
    doctor.fill(items__0__frequency="TDS", items__0__duration_days="5")
    doctor.look("consult-written").press("I asked both").press("Issue prescription")
    expect(doctor.page.get_by_text("is issued")).to_be_visible()
    doctor.look("issued").press("Complete")
    doctor.page.wait_for_url("**/board")
    doctor.look("board-after")


def collect(pharmacist: Person, username: str, code: str) -> None:
    """The pharmacist opens the prescription by its code and gives everything."""
    pharmacist.sign_in_as_staff(username).look("dispense").fill(code=code).press("Open")
    pharmacist.page.wait_for_url("**code=*")
    expect(pharmacist.page.locator("[name='items-0-quantity']").first).to_have_value("15")
    pharmacist.look("sheet").press("Dispense")
    expect(pharmacist.page.get_by_role("heading", name="Medicines given")).to_be_visible()
    expect(pharmacist.button("Dispense")).to_have_count(0)
    pharmacist.look("sheet-after")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_four_people_spend_a_clinic_day_together(enter: Enter, portal, language):
    mobile, ben_id = FAMILIES[language]
    patient = enter("patient", language)
    officer, doctor, pharmacist = (enter(name, is_desktop=True) for name in ("officer", "doctor", "pharmacist"))
    arrive(patient, mobile, ben_id)
    refer(officer, "mo.01", ben_id)
    visit = ask_for_token(patient)
    patient.look("waiting")
    doctor.sign_in_as_staff("dr.medicine1")
    if doctor.button("On duty").count():
        doctor.press("On duty")
    call(doctor, patient)
    talk(doctor, patient)
    leave(patient)
    write(doctor)
    address = f"/visits/{visit}/prescription.pdf"
    wait_for(lambda: patient.context.request.get(address).status == 200, "the prescription")
    patient.open(f"/visits/{visit}").look("completed")
    expect(patient.button("Download prescription")).to_have_attribute("href", address)
    text = papers.text_of(patient.context.request.get(address).body())
    collect(pharmacist, "pharm.01", text.partition("/rx/")[2].split()[0])
    patient.open(f"/visits/{visit}").look("given")
    expect(patient.page.get_by_text("Paracetamol: 15")).to_be_visible()

"""The portal goes away in the middle of a real call: they talk on and read what is so; nobody has to press anything."""

import pytest
from playwright.sync_api import expect

from tests.day import cast
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, wait_for

MOBILE, BEN_ID = "9000000083", "1000247"  # of centre 01, and of no other test
AWAY = "The portal does not answer just now. Your call goes on: do not close or reload this page."
CAUSED_HERE = ("Failed to load resource", "ERR_", "Failed to fetch")  # what a browser says aloud when cut off


def state(person: Person, word: str) -> None:
    """How the call stands on this person's page."""
    expect(person.page.locator("#video-call")).to_have_attribute("data-state", word)


def sees(person: Person, frames: int = 15) -> None:
    """Pictures of the other one arrive now."""
    before = person.frames_decoded()
    wait_for(lambda: person.frames_decoded() - before >= frames, f"{frames} more pictures for the {person.name}")


@pytest.fixture
def waiting(enter: Enter, portal: Portal) -> Person:
    """A patient with a token, who checks the camera meanwhile."""
    uid = cast.wait_in_queue(portal, MOBILE, BEN_ID)
    patient = enter("patient", "hi")
    patient.sign_in_by_otp(MOBILE)
    patient.page.wait_for_url("**/home")
    patient.open(f"/visits/{uid}").press("Check camera and sound")
    expect(patient.page.locator("#video_check")).to_be_visible()
    return patient


def test_a_call_outlives_the_portal_and_says_so(enter: Enter, portal: Portal, waiting: Person):
    patient, doctor = waiting, enter("doctor", is_desktop=True)
    doctor.sign_in_as_staff("dr.medicine1").open("/board")
    if doctor.button("On duty").count():
        doctor.press("On duty")
    doctor.open("/board").press("Call next")
    expect(patient.button("Call now")).to_be_enabled()
    expect(patient.page.locator("#video_check")).to_have_count(0)
    expect(patient.button("Check camera and sound")).to_have_count(0)
    patient.look("called").press("Call now")
    for person in (patient, doctor):
        state(person, "connected")
        sees(person)
    peers = [person.page.evaluate("peersOfTest.length") for person in (patient, doctor)]
    portal.stop("serve")
    for person in (patient, doctor):
        expect(person.page.locator("[data-part=note]")).to_have_text(person.say(AWAY))
        state(person, "connected")
        sees(person)
        expect(person.page.locator("#offline")).to_be_hidden()
        person.look("portal-away")
    portal.start("serve")
    for person in (patient, doctor):
        expect(person.page.locator("[data-part=note]")).to_be_hidden()
        sees(person)
    assert [person.page.evaluate("peersOfTest.length") for person in (patient, doctor)] == peers, "nobody called anew"
    doctor.fill(complaints="Headache").press("Save draft")
    expect(doctor.page.locator("#saved")).to_contain_text("Saved at")
    doctor.press("End the call and write")
    expect(
        patient.page.get_by_role("heading", name=patient.say("The doctor is writing your prescription"))
    ).to_be_visible()
    for person in (patient, doctor):
        person.complaints = [line for line in person.complaints if not any(words in line for words in CAUSED_HERE)]

"""Files shared during a video call: by the patient in the room, by the doctor beside the notes; the call goes on."""

import pytest
from playwright.sync_api import Route, expect

from tests.day import cast, papers
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal

# Somebody older than seventy for each language, who needs no referral, and a specialty, whose doctor is free.
FAMILIES = {"en": ("9000000072", "1000216", "ent"), "hi": ("9000000073", "1000219", "eye")}
LEAVING = ("9000000074", "1000222", "orthopaedics")
LEAVE_BY_A_FORM = """() => {
  document.querySelector("form[action='/logout']").requestSubmit();
  const left = new CustomEvent("portal:call", { bubbles: true, detail: { state: "left" } });
  setTimeout(() => document.querySelector(".call-stage").dispatchEvent(left), 100);
}"""
TYPED = "Swelling of the knee since Tuesday"


def called(portal: Portal, mobile: str, ben_id: str, specialty: str) -> str:
    """The uid of a visit that the doctor has called."""
    patient = cast.sign_in(portal, mobile)
    cast.register(patient, ben_id, "1950-01-01")
    visit = cast.ask_for_token(patient, specialty=specialty)
    board = Reader(portal.url).sign_in_as_staff(f"dr.{specialty}1").open("/board")
    if board.has_button("On duty"):
        board.press("On duty")
    board.open("/board").press("Call next")
    return visit


def share(person: Person, button: str, name: str, content: bytes, kind: str) -> None:
    """Press the button and choose a file, as the telephone's chooser gives it."""
    with person.page.expect_file_chooser() as chooser:
        person.press(button)
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": content})


def stands_above_the_call(patient: Person) -> None:
    """On a small telephone the way to share is seen over the whole call, without scrolling."""
    patient.page.evaluate("scrollTo(0, 0)")
    patient.look("photo or help over the call")
    button = patient.button("Photo or help").bounding_box()
    bar = patient.page.locator("#video-call .vc-bar").bounding_box()
    assert button["height"] >= 44
    assert button["y"] + button["height"] <= bar["y"]
    assert bar["y"] + bar["height"] <= patient.page.viewport_size["height"]


def connected(*people: Person) -> None:
    for person in people:
        expect(person.page.locator("#video-call")).to_have_attribute("data-state", "connected")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_both_share_a_file_and_neither_the_call_nor_the_notes_are_touched(enter: Enter, portal, language):
    mobile, ben_id, specialty = FAMILIES[language]
    visit = called(portal, mobile, ben_id, specialty)
    patient = enter("patient", language).sign_in_by_otp(mobile).open(f"/visits/{visit}").press("Call now")
    patient.page.wait_for_url("**/room")
    doctor = enter("doctor", language, is_desktop=True).sign_in_as_staff(f"dr.{specialty}1")
    page = doctor.open(f"/visits/{visit}/consult").page
    connected(patient, doctor)
    before = page.locator("#records-list li").count()
    stands_above_the_call(patient)
    page.locator("#complaints").fill(TYPED)
    page.locator(".give summary").click()

    patient.press("Photo or help")
    share(patient, "Share a photo or file", "wound.jpg", papers.photograph(), "image/jpeg")
    expect(patient.page.locator("#share .sending")).to_have_text(patient.say("All sent."))
    fresh = page.locator("#records-list li").filter(has_text="wound.jpg")
    expect(fresh.locator("img")).to_be_visible()  # it came by itself, and is checked
    patient.look("shared")
    doctor.look("shared")
    expect(page.locator("#complaints")).to_have_value(TYPED)
    expect(page.locator(".give")).to_have_attribute("open", "")

    page.locator(".give #records").set_input_files(
        {"name": "exercises.pdf", "mimeType": "application/pdf", "buffer": papers.report()}
    )
    doctor.press("Give")
    expect(page.locator(".give .sending")).to_have_text(doctor.say("All sent."))
    given = patient.page.locator("#records-list li").filter(has_text="exercises.pdf")
    expect(given.locator(".chip")).to_contain_text(doctor.say("from %(doctor)s") % {"doctor": ""})
    patient.look("given")
    doctor.look("given")
    expect(page.locator("#complaints")).to_have_value(TYPED)
    connected(patient, doctor)
    assert page.locator("#records-list li").count() == before + 2
    assert (patient.page.url.endswith("/room"), len(page.context.pages)) == (True, 1)

    page.locator("#records-list").get_by_role("button").click()  # given to the wrong patient
    expect(page.locator("#records-list li")).to_have_count(before + 1)
    expect(given).to_have_count(0)


def test_a_forms_own_answer_leads_before_the_end_of_the_call_does(enter: Enter, portal: Portal):
    mobile, ben_id, specialty = LEAVING
    visit = called(portal, mobile, ben_id, specialty)
    patient = enter("patient").sign_in_by_otp(mobile).open(f"/visits/{visit}").press("Call now")
    page, held = patient.page, list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.wait_for_url("**/room")
    page.route("**/logout", hold)
    with page.expect_request("**/logout"):
        page.evaluate(LEAVE_BY_A_FORM)
    page.wait_for_timeout(900)  # the page looks twice a second whether the form has led on
    held[0].continue_()
    page.wait_for_url(lambda url: "/visits/" not in url)
    assert patient.open("/home").page.url.startswith(f"{portal.url}/login")

"""Two Chromium windows with fake cameras, in a call through the real application."""

import pytest
from playwright.sync_api import expect

from tests.plugins.video_webrtc.windows import DESKTOP, PHONE, denied
from tests.servers import wait_for

# Flask-Compress leaves the static files that it streams to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
BACK_CAMERA = """() => {
  const devices = navigator.mediaDevices, get = devices.getUserMedia.bind(devices);
  const list = devices.enumerateDevices.bind(devices);
  devices.enumerateDevices = async () => [...await list(), { kind: "videoinput", deviceId: "back", label: "Back" }];
  devices.getUserMedia = (wanted) => {
    window.facingOfTest = wanted.video?.facingMode?.exact;
    return get(window.facingOfTest ? { video: true } : wanted);
  };
  devices.dispatchEvent(new Event("devicechange"));
}"""
# What a browser does when a telephone call takes the microphone: the track ends, and there is none until it is over.
TAKEN = """() => {
  const devices = navigator.mediaDevices, get = devices.getUserMedia.bind(devices);
  const [track] = document.querySelector("#video-call [data-part=own]").srcObject.getAudioTracks();
  devices.getUserMedia = () => Promise.reject(new DOMException("in use", "NotReadableError"));
  window.giveBack = () => { devices.getUserMedia = get; };
  track.stop();
  track.dispatchEvent(new Event("ended"));
}"""
OWN = "document.querySelector('#video-call [data-part=own]').srcObject"


def test_both_sides_see_hear_and_chat_and_know_who_is_muted(pair):
    patient, doctor = pair
    for side, other in ((patient, "Doctor"), (doctor, "Patient")):
        side.sees()
        side.hears()
        expect(side.call.get_by_label(other, exact=True)).to_be_visible()
        expect(side.call.get_by_label("You", exact=True)).to_be_visible()
        expect(side.part("status")).to_have_text("Connected")
        expect(side.part("bars")).to_be_visible()
    assert patient.page.evaluate("said") == ["asking", "connecting", "waiting", "connecting", "connected"]
    patient.shot("patient-connected")
    patient.button("Mute").click()
    expect(patient.part("toast")).to_have_text("Your microphone is off.")
    expect(doctor.call.get_by_text("Microphone is switched off")).to_be_visible()
    wait_for(doctor.hears_nothing, "silence")
    patient.button("Unmute").click()
    doctor.hears()
    patient.button("Camera off").click()
    expect(doctor.call.get_by_text("Camera is switched off")).to_be_visible()
    assert patient.page.evaluate(f"{OWN}.getVideoTracks()[0].enabled") is False
    doctor.shot("doctor-sees-no-camera")
    patient.button("Camera on").click()
    expect(doctor.call.get_by_text("Camera is switched off")).to_have_count(0)
    patient.page.evaluate(BACK_CAMERA)
    patient.part("settings").click()
    patient.button("Turn the camera round").click()
    expect(patient.call).to_have_attribute("data-facing", "environment")
    assert patient.page.evaluate("facingOfTest") == "environment"
    microphones = patient.call.get_by_label("Microphone", exact=True)
    microphones.select_option(index=1)
    patient.shot("patient-more")
    doctor.sees()
    doctor.hears()
    patient.write("I cannot hear you <b>well</b>")
    expect(doctor.part("toast")).to_have_text("Patient: I cannot hear you <b>well</b>")
    expect(doctor.part("unread")).to_have_text("1")
    doctor.write("Please read here")
    expect(patient.part("chat-lines").get_by_text("Please read here")).to_be_visible()
    expect(patient.part("chat-lines")).to_have_attribute("aria-live", "polite")
    patient.shot("patient-chat")
    doctor.shot("doctor-chat")


def test_after_a_reload_leaving_a_crash_or_another_window_one_rejoins_until_the_visit_moves_on(pair, windows):
    """F27, F28: whoever rejoins is in the same room, with the chat; nobody else has to press anything."""
    patient, doctor = pair
    patient.write("Good morning")
    windows.contexts[0].set_offline(True)
    doctor.sees()
    windows.contexts[0].set_offline(False)
    windows.enter(patient, "patient")
    patient.expect("connected")
    expect(patient.part("chat-lines").locator("li")).to_have_count(1)
    doctor.sees()
    doctor.button("Leave call").click()
    doctor.expect("left")
    assert doctor.page.evaluate("said").count("left") == 1
    patient.expect("waiting")
    doctor.button("Join again").click()
    doctor.expect("connected")
    other = windows.open("patient")
    other.expect("connected")
    patient.expect("elsewhere")
    expect(patient.call.get_by_role("heading")).to_have_text("The call is open in another window")
    windows.contexts[1].set_offline(True)
    windows.contexts[1].close()
    other.expect("lost")
    again = windows.open("doctor", DESKTOP)
    again.expect("connected")
    again.sees()
    again.page.evaluate("window.ownOfTest = " + OWN)
    again.page.evaluate("document.getElementById('main').replaceChildren()")
    other.expect("waiting")
    assert again.page.evaluate("[peersOfTest.at(-1).connectionState, ownOfTest.getTracks().length]") == ["closed", 0]
    windows.call.close()
    other.expect("over")
    expect(other.call.get_by_role("heading")).to_have_text("This call is over.")
    assert other.page.evaluate(f"{OWN}.getTracks().length") == 0


def test_a_refused_microphone_permission_is_explained_and_can_be_retried(windows):
    patient = windows.open("patient", {"width": 320, "height": 568}, denied("audio", "video"))
    patient.expect("blocked")
    expect(patient.call.get_by_role("heading")).to_have_text("The microphone is not allowed")
    expect(patient.call.get_by_text("allow microphone and camera for this page")).to_be_visible()
    expect(patient.button("Try again")).to_be_visible()
    patient.shot("patient-blocked")


def test_without_a_camera_the_call_is_audio_only(windows):
    patient = windows.open("patient", script=denied("video"))
    expect(patient.call.get_by_text("Without camera: you are heard, but not seen")).to_be_visible()
    doctor = windows.open("doctor", DESKTOP)
    doctor.expect("connected")
    patient.sees()
    wait_for(lambda: doctor.loudness() > 0, "the patient's voice")
    expect(doctor.call.get_by_text("Without camera", exact=True)).to_be_visible()


def test_a_microphone_that_a_telephone_call_takes_is_said_and_taken_back_afterwards(pair):
    patient, doctor = pair
    doctor.hears()
    patient.page.evaluate(TAKEN)
    expect(patient.part("note")).to_contain_text("You are not heard")
    expect(doctor.call.get_by_text("Microphone is switched off")).to_be_visible()
    patient.shot("patient-taken")
    wait_for(doctor.hears_nothing, "silence")
    patient.page.evaluate("giveBack()")
    expect(patient.part("note")).to_be_hidden()
    expect(doctor.call.get_by_text("Microphone is switched off")).to_have_count(0)
    doctor.hears()


def test_a_patient_in_the_call_sees_one_sentence_while_the_portal_is_down(windows):
    patient = windows.open("patient", PHONE)
    patient.expect("waiting")
    patient.page.context.set_offline(True)
    expect(patient.part("note")).to_be_visible()
    expect(patient.page.locator("#offline")).to_be_hidden()
    patient.shot("patient-offline")
    patient.page.context.set_offline(False)
    expect(patient.part("note")).to_be_hidden()
    patient.leave()
    patient.expect("left")
    patient.page.context.set_offline(True)
    expect(patient.page.locator("#offline")).to_be_visible()


def test_nothing_is_too_wide_or_too_small_to_touch(windows):
    patient = windows.open("patient", {"width": 320, "height": 568}, language="hi")
    patient.expect("waiting")
    patient.open_chat()
    patient.shot("patient-320-hi")
    assert patient.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in patient.call.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 48
        assert box["width"] >= 48

"""Two Chromium windows with made-up cameras, in a call through the real application."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from werkzeug.serving import make_server

from tests.e2e.people import FRAMES, PEERS
from tests.plugins.video_webrtc.conftest import Call
from tests.servers import wait_for

# Flask-Compress leaves the static files that it streams to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
ARTEFACTS = Path(__file__).parents[2] / "e2e" / "artefacts" / "call"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
PATIENCE = 20_000
IN_THE_PAGE = """(address) => {
  window.said = [];
  document.addEventListener("portal:call", ({ detail }) => window.said.push(detail.state));
  const place = document.createElement("div");
  for (const [name, value] of Object.entries({ "hx-get": address, "hx-trigger": "load", "hx-swap": "outerHTML" })) {
    place.setAttribute(name, value);
  }
  document.getElementById("main").replaceChildren(place);
  htmx.process(place);
}"""
LOUDNESS = """async () => {
  for (const report of (await window.peersOfTest.at(-1).getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") return report.totalAudioEnergy;
  }
}"""


def denied(*devices: str) -> str:
    """A script in whose page these devices are refused, as when somebody pressed Block."""
    return f"""(() => {{
      const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
      if (real) navigator.mediaDevices.getUserMedia = (wanted) => {list(devices)!s}.some((name) => wanted[name])
        ? Promise.reject(new DOMException("no", "NotAllowedError")) : real(wanted);
    }})()"""


@dataclass
class Window:
    """One side's window, with the call in the page as htmx puts it there."""

    page: Page

    @property
    def call(self) -> Locator:
        return self.page.locator("#video-call")

    def part(self, name: str) -> Locator:
        return self.call.locator(f"[data-part={name}]")

    def button(self, name: str) -> Locator:
        return self.call.get_by_role("button", name=name, exact=True)

    def expect(self, state: str) -> None:
        expect(self.call).to_have_attribute("data-state", state, timeout=PATIENCE)

    def frames(self) -> int:
        return int(self.page.evaluate(FRAMES))

    def sees(self, frames: int = 30) -> None:
        """Pictures of the other side arrive now."""
        before = self.frames()
        wait_for(lambda: self.frames() - before >= frames, f"{frames} more pictures")

    def loudness(self) -> float:
        return float(self.page.evaluate(LOUDNESS))

    def shot(self, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")


class Windows:
    """Opens windows of either side, on the server under test."""

    def __init__(self, chromium: Browser, call: Call, url: str) -> None:
        self.chromium, self.call, self.url = chromium, call, url
        self.contexts: list[BrowserContext] = []

    def open(self, role: str, size: dict[str, int] = PHONE, script: str = "", language: str = "en") -> Window:
        context = self.chromium.new_context(viewport=size, locale=f"{language}-IN", base_url=self.url, bypass_csp=False)
        self.contexts.append(context)
        cookie = self.call.browsers[role].get_cookie("portal", domain="localhost")
        context.add_cookies([{"name": "portal", "value": cookie.value, "url": self.url}])
        context.add_init_script(PEERS)
        if script:
            context.add_init_script(script)
        window = Window(context.new_page())
        self.enter(window, role)
        return window

    def enter(self, window: Window, role: str) -> None:
        """Load the page around the call, and the call in it."""
        window.page.goto("/privacy")
        window.page.evaluate(IN_THE_PAGE, self.call.link(role))


@pytest.fixture
def url(app: Any) -> Iterator[str]:
    """The application behind a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def windows(chromium: Browser, call: Call, url: str) -> Iterator[Windows]:
    opened = Windows(chromium, call, url)
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.fixture
def pair(windows: Windows) -> tuple[Window, Window]:
    """Patient and doctor, connected."""
    patient = windows.open("patient")
    patient.expect("waiting")
    patient.shot("patient-waiting")
    doctor = windows.open("doctor", DESKTOP)
    patient.expect("connected")
    doctor.expect("connected")
    return patient, doctor


def test_both_sides_see_and_hear_each_other(pair):
    patient, doctor = pair
    for side, other in ((patient, "Doctor"), (doctor, "Patient")):
        side.sees(30)
        assert side.loudness() > 0
        expect(side.call.get_by_label(other, exact=True)).to_be_visible()
        expect(side.call.get_by_label("You", exact=True)).to_be_visible()
        expect(side.part("status")).to_have_text("Connected")
    assert patient.page.evaluate("said") == ["asking", "connecting", "waiting", "connecting", "connected"]
    patient.shot("patient-connected")
    doctor.shot("doctor-connected")


@pytest.mark.parametrize("role", ["patient", "doctor"])
def test_a_side_that_reloads_is_back_without_anybody_pressing_anything(pair, windows, role):
    patient, doctor = pair
    reloading, staying = (patient, doctor) if role == "patient" else (doctor, patient)
    windows.enter(reloading, role)
    reloading.expect("connected")
    reloading.sees()
    staying.sees()


def test_mute_silences_and_unmute_lets_one_be_heard_again(pair):
    patient, doctor = pair
    patient.button("Mute").click()
    patient.page.wait_for_timeout(500)
    before = doctor.loudness()
    patient.page.wait_for_timeout(2500)
    assert doctor.loudness() - before < 1e-6
    patient.button("Unmute").click()
    wait_for(lambda: doctor.loudness() - before > 1e-4, "sound after unmuting")


def test_the_camera_goes_off_and_on(pair):
    patient, doctor = pair
    patient.button("Camera off").click()
    expect(patient.button("Camera on")).to_be_visible()
    assert (
        patient.page.evaluate(
            "document.querySelector('#video-call [data-part=own]').srcObject.getVideoTracks()[0].enabled"
        )
        is False
    )
    patient.button("Camera on").click()
    doctor.sees()


def test_who_leaves_is_told_so_and_may_join_again(pair):
    patient, doctor = pair
    doctor.button("Leave call").click()
    doctor.expect("left")
    expect(doctor.call.get_by_role("heading")).to_have_text("You have left the call")
    doctor.shot("doctor-left")
    assert doctor.page.evaluate("said").count("left") == 1
    patient.expect("waiting")
    doctor.button("Join again").click()
    doctor.expect("connected")
    patient.sees()


def test_a_second_window_takes_the_call_over(pair, windows):
    patient, doctor = pair
    other = windows.open("patient")
    other.expect("connected")
    patient.expect("elsewhere")
    other.sees()
    doctor.sees()


def test_when_the_visit_goes_on_both_are_told_that_the_call_is_over(pair, windows):
    patient, doctor = pair
    windows.call.close()
    for side in (patient, doctor):
        side.expect("over")
        expect(side.call.get_by_role("heading")).to_have_text("This call is over.")
    assert (
        patient.page.evaluate("document.querySelector('#video-call [data-part=own]').srcObject.getTracks().length") == 0
    )


def test_a_call_that_leaves_the_page_is_hung_up(pair):
    patient, doctor = pair
    patient.page.evaluate("document.getElementById('main').replaceChildren()")
    doctor.expect("waiting")
    assert patient.page.evaluate("peersOfTest.at(-1).connectionState") == "closed"


def test_a_short_failure_of_the_portal_does_not_end_the_call(pair, windows):
    patient, doctor = pair
    windows.contexts[0].set_offline(True)
    patient.sees()
    windows.contexts[0].set_offline(False)
    patient.expect("connected")
    doctor.sees()


def test_a_refused_microphone_is_explained_and_can_be_tried_again(windows):
    patient = windows.open("patient", {"width": 320, "height": 568}, denied("audio", "video"))
    patient.expect("blocked")
    expect(patient.call.get_by_role("heading")).to_have_text("The microphone is not allowed")
    expect(patient.call.get_by_text("allow microphone and camera for this page")).to_be_visible()
    expect(patient.button("Try again")).to_be_visible()
    patient.shot("patient-blocked")


def test_without_a_camera_the_voice_goes_through(windows):
    patient = windows.open("patient", script=denied("video"))
    expect(patient.call.get_by_text("Without camera: you are heard, but not seen")).to_be_visible()
    doctor = windows.open("doctor", DESKTOP)
    doctor.expect("connected")
    patient.sees()
    wait_for(lambda: doctor.loudness() > 0, "the patient's voice")
    doctor.shot("doctor-hears-only")


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_too_wide_or_too_small_to_touch(windows, width):
    patient = windows.open("patient", {"width": width, "height": 568}, language="hi")
    patient.expect("waiting")
    patient.shot(f"patient-{width}-hi")
    assert patient.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in patient.call.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 48
        assert box["width"] >= 48

"""Real processes: providers switched in mid-session, the frame in Chromium, a server that dies (F24, F25, F27, F28)."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.day import cast
from tests.day.reader import Person
from tests.plugins.video_jitsi import scene
from tests.plugins.video_jitsi.conftest import SECRET
from tests.plugins.video_jitsi.peers import JitsiServer, jitsi
from tests.plugins.video_webrtc.windows import artefact
from tests.servers import Portal, running_portal

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
SIZES = [(320, 480), (360, 640), (390, 844), (844, 390)]
DOWN = '"plugin": "video_jitsi", "hook": "open_room", "permanent": false'
FIRE = "([name, event]) => window.jitsiOfTest.at(-1).ears[name](event)"


@dataclass
class Clinic:
    """The portal, its Jitsi server, and two visits, from before and after the switch."""

    portal: Portal
    server: JitsiServer
    before: scene.Visit
    after: scene.Visit


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Visit one is in a call of the built-in room when the administrator puts Jitsi first; visit two comes after."""
    folder = tmp_path_factory.mktemp("jitsi-day")
    with jitsi(folder / "jitsi", SECRET) as server:
        own = {"SERVER": server.url, "APP_ID": "portal", "APP_SECRET": SECRET}
        settings = {f"PORTAL_VIDEO_JITSI_{name}": value for name, value in own.items()}
        with running_portal(folder / "var", forgiven=DOWN, PORTAL_INTERNAL_HOSTS=server.host, **settings) as portal:
            waiting = [scene.wait_in_line(portal, number) for number in (3, 6)]
            doctors = [cast.on_duty(portal, name) for name in ("dr.medicine1", "dr.medicine2")]
            before = scene.meet(doctors[0], *waiting[0])
            assert before.provider(before.patient) == "video_webrtc"
            with Person(portal.url) as admin:
                scene.put_jitsi_first(admin.sign_in_as_staff("admin"))
            after = scene.meet(doctors[1], *waiting[1])
            yield Clinic(portal, server, before, after)
            for visit in (before, after):
                visit.patient.http.close()
                visit.doctor.http.close()


def test_open_rooms_keep_their_provider_and_the_next_visit_uses_the_new_one(clinic: Clinic) -> None:
    for person in (clinic.before.patient, clinic.before.doctor):
        assert clinic.before.provider(person) == "video_webrtc"
    for person in (clinic.after.patient, clinic.after.doctor):
        assert clinic.after.provider(person) == "video_jitsi"


@pytest.fixture
def enter(chromium: Browser, clinic: Clinic) -> Iterator[Callable[[str, str], Page]]:
    """enter("patient", "en"): open the page of visit two in a browser of its own; no console errors are allowed."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(role: str, language: str) -> Page:
        visit = clinic.after
        person = visit.patient if role == "patient" else visit.doctor
        size = PHONE if role == "patient" else DESK
        context = chromium.new_context(viewport=size, locale=f"{language}-IN", permissions=["camera", "microphone"])
        contexts.append(context)
        jar = [{"name": each.name, "value": each.value, "url": clinic.portal.url} for each in person.http.cookies.jar]
        context.add_cookies(jar)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{clinic.portal.url}/lang/{language}")
        page.goto(f"{clinic.portal.url}/visits/{visit.uid}/{'room' if role == 'patient' else 'consult'}")
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def frame_of(page: Page) -> Frame:
    """Return our frame in the page."""
    frame = page.wait_for_selector("#video-call iframe").content_frame()
    assert frame is not None
    frame.wait_for_selector("#call")
    return frame


def until(frame: Frame, state: str) -> None:
    """Wait for this state of the call."""
    frame.wait_for_selector(f"#call[data-state={state}]")


def assert_on_the_first_screen(page: Page) -> None:
    """The frame, and the four buttons in it, lie inside the screen of a telephone, held upright or across."""
    for percent, size in itertools.product((100, 200), SIZES):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for frame in page.frames[:2]:
            frame.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
        page.wait_for_timeout(100)
        page.screenshot(path=artefact(f"jitsi-{size[0]}x{size[1]}-{percent}"))
        buttons = frame_of(page).locator("#bar").get_by_role("button").all()
        assert len(buttons) == 4
        for button in buttons:
            box = button.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
            assert min(box["x"], box["y"]) >= 0
            assert box["x"] + box["width"] <= size[0]
            assert box["y"] + box["height"] <= size[1], (size, percent, box)


def fire(frame: Frame, name: str, **event: Any) -> None:
    """Emit an event of Jitsi's, as the real script does."""
    frame.evaluate(FIRE, [name, event])


def test_doctor_and_patient_meet_in_the_frame_and_the_log_has_it(enter: Any, clinic: Clinic) -> None:
    patient, doctor = enter("patient", "hi"), enter("doctor", "en")
    mine, yours = frame_of(patient), frame_of(doctor)
    until(mine, "wait")  # the doctor is not in the room yet
    assert mine.evaluate("window.jitsiOfTest") is None
    until(yours, "joining")
    fire(yours, "videoConferenceJoined", id="d1")
    until(yours, "alone")
    until(mine, "joining")
    asked = mine.evaluate("(({host, options}) => ({host, options}))(window.jitsiOfTest[0])")
    assert asked["host"] == clinic.server.host
    assert (asked["options"]["lang"], asked["options"]["noSSL"]) == ("hi", True)
    assert len(asked["options"]["roomName"]) == 32
    assert asked["options"]["jwt"].count(".") == 2
    config = asked["options"]["configOverwrite"]
    assert (config["disableDeepLinking"], config["prejoinConfig"], config["resolution"]) == (
        True,
        {"enabled": False},
        240,
    )
    fire(mine, "videoConferenceJoined", id="p1")
    for frame, other in ((mine, "d1"), (yours, "p1")):
        fire(frame, "participantJoined", id=other)
        until(frame, "together")
        expect(frame.locator("#clock")).to_be_visible()
    expect(doctor.locator("#call-log")).to_contain_text("From here on with video")
    fire(mine, "videoMuteStatusChanged", muted=True)
    expect(doctor.locator("#call-log")).to_contain_text("From here on voice only")
    expect(doctor.locator("#mode")).to_have_value("audio")
    expect(doctor.locator("#call-log")).to_contain_text("The patient joined")
    mine.locator("#mute").click()
    fire(mine, "audioMuteStatusChanged", muted=True)
    expect(mine.get_by_role("button", name="माइक चालू करें")).to_be_visible()
    assert mine.evaluate("window.jitsiOfTest[0].calls") == [["toggleAudio"]]
    assert_on_the_first_screen(patient)
    mine.locator("#leave").click()
    mine.locator("#stay").click()
    until(mine, "together")
    mine.locator("#leave").click()
    mine.locator("#go").click()
    patient.wait_for_url(f"**/visits/{clinic.after.uid}")
    expect(doctor.locator("#call-log")).to_contain_text("The patient left")
    assert yours.evaluate("window.jitsiOfTest[0].disposed") is False
    yours.locator("#leave").click()
    until(yours, "left")
    expect(yours.get_by_role("button", name="Join again")).to_be_visible()
    assert yours.evaluate("[window.jitsiOfTest[0].disposed, window.jitsiOfTest[0].calls]") == [True, [["hangup"]]]


def test_the_doctor_switches_to_telephone_and_the_patients_page_follows(enter: Any, clinic: Clinic) -> None:
    patient, doctor = enter("patient", "en"), enter("doctor", "en")
    until(frame_of(patient), "wait")
    doctor.locator("#complaints").fill("Headache")
    doctor.get_by_role("button", name="Call by phone").click()
    expect(doctor.get_by_role("link", name="+919000000002")).to_be_visible()
    expect(patient.get_by_text("The doctor will phone you on")).to_be_visible()
    expect(doctor.locator("#video-call")).to_have_count(0)
    expect(doctor.locator("#mode")).to_have_value("phone")
    expect(doctor.locator("#complaints")).to_have_value("Headache")
    doctor.get_by_role("button", name="Back to video").click()
    until(frame_of(patient), "wait")


def test_at_low_bandwidth_the_call_begins_with_audio_only(enter: Any, clinic: Clinic) -> None:
    doctor = enter("doctor", "en")
    doctor.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {effectiveType: '2g', saveData: false}})"
    )
    doctor.reload()
    frame = frame_of(doctor)
    until(frame, "joining")
    config = frame.evaluate("window.jitsiOfTest[0].options.configOverwrite")
    assert (config["startAudioOnly"], config["startWithVideoMuted"], config["startWithAudioMuted"]) == (
        True,
        True,
        False,
    )
    expect(frame.locator("#note")).to_contain_text("The line is weak")


def test_when_the_server_dies_the_next_visit_uses_the_fallback_and_keeps_its_place(
    clinic: Clinic,
) -> None:
    third, uid = scene.wait_in_line(clinic.portal, 9)
    clinic.server.stop()
    assert cast.status_of(clinic.after.patient, clinic.after.uid)["state"] == "in_call"
    assert clinic.after.provider(clinic.after.doctor) == "video_jitsi"  # an open room keeps its provider
    assert cast.status_of(third, uid)["state"] == "waiting"
    clinic.before.complete()
    visit = scene.meet(clinic.before.doctor, third, uid)
    assert visit.provider(visit.patient) == visit.provider(visit.doctor) == "video_webrtc"
    clinic.after.doctor.open(f"/visits/{clinic.after.uid}/consult").press("Patient is gone: call later")
    assert cast.status_of(clinic.after.patient, clinic.after.uid)["state"] == "awaiting_recall"
    clinic.after.patient.open(f"/visits/{clinic.after.uid}").press("I am here")
    again = scene.meet(clinic.after.doctor, clinic.after.patient, clinic.after.uid)
    assert again.provider(again.patient) == "video_webrtc"
    third.http.close()

"""The call check while waiting: in the patient's browser, stored with the visit, shown to the doctor."""

import json

import pytest
from playwright.sync_api import expect
from portal_plugins.video_webrtc.models import ChatLine, CheckResult

from portal.core.rights.clearing.models import VisitCleared
from portal.core.visits import calling
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.factories import make_beneficiary, make_duty, make_staff, make_visit
from tests.plugins.video_webrtc.conftest import Call, make_room
from tests.plugins.video_webrtc.windows import PHONE, Windows, artefact, denied

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
WELL = {
    "camera": "ok",
    "microphone": "ok",
    "speaker": "ok",
    "network": "ok",
    "relay": "unknown",
    "rtt_ms": 90,
    "down_kbps": 2000,
}


@pytest.fixture
def visit(switched_on, db):
    """A visit whose patient waits."""
    return make_visit("waiting")


def send(browser, visit, findings) -> int:
    """Post findings as check.js does."""
    csrf = browser.get("/privacy").text.split('name="csrf-token" content="')[1].split('"')[0]
    body = findings if isinstance(findings, bytes) else json.dumps(findings)
    address = f"/x/video_webrtc/check/{visit.uid}"
    return browser.post(address, data=body, content_type="application/json", headers={"X-CSRFToken": csrf}).status_code


def test_the_doctor_sees_what_the_check_found(visit, sign_in):
    patient = sign_in(visit.beneficiary)
    assert "Check camera and sound" in patient.get(f"/visits/{visit.uid}").text
    assert send(patient, visit, WELL | {"camera": "refused"}) == 204
    assert send(patient, visit, WELL | {"network": "weak"}) == 204
    visit.state, visit.doctor = "called", make_staff("doctor")
    visit.save()
    doctor = sign_in(visit.doctor)
    assert "Found before the call: Internet: weak" in doctor.get(f"/visits/{visit.uid}/consult").text
    result = doctor.get(f"/x/video_webrtc/check/{visit.uid}").text
    assert "90 milliseconds" in result
    assert "2000 kilobits" in result


@pytest.mark.parametrize(
    "findings",
    [b"", b"[]", b"\xff", {}, WELL | {"extra": 1}, WELL | {"camera": "superb"}, WELL | {"rtt_ms": -1}, b"{" * 1025],
)
def test_invalid_findings_are_refused_and_not_stored(visit, sign_in, findings):
    expected = {b"": 400, b"\xff": 400, b"{" * 1025: 413}
    status = expected.get(findings, 422) if isinstance(findings, bytes) else 422
    assert send(sign_in(visit.beneficiary), visit, findings) == status
    assert CheckResult.select().count() == 0


def test_the_check_is_the_patients_own_and_for_the_time_before_the_call(visit, sign_in):
    address = f"/x/video_webrtc/check/{visit.uid}"
    stranger = sign_in(make_beneficiary())
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}/sample").status_code == 404
    assert send(stranger, visit, WELL) == 404
    assert sign_in(make_staff("doctor")).get(address).status_code == 404
    visit.state = "completed"
    visit.save()
    assert sign_in(visit.beneficiary).get(address).status_code == 410


def test_the_chat_is_visible_only_to_the_patient_and_the_doctor_of_the_visit(visit, sign_in, now):
    ChatLine.create(visit_uid=visit.uid, attempt=1, role="patient", text="It hurts <here>", at=now)
    visit.state, visit.doctor = "in_call", make_staff("doctor")
    visit.save()
    address = f"/x/video_webrtc/chat/{visit.uid}"
    for reader in (visit.beneficiary, visit.doctor):
        assert "It hurts &lt;here&gt;" in sign_in(reader).get(address).text
    for stranger in (make_beneficiary(), make_staff("doctor")):
        assert sign_in(stranger).get(address).status_code == 404


def test_the_chat_of_a_visit_goes_when_its_retention_is_over(visit, queue, now):
    for uid in (visit.uid, "another"):
        ChatLine.create(visit_uid=uid, attempt=1, role="patient", text="It hurts here", at=now)
        CheckResult.create(visit_uid=uid, at=now)
    record(VisitCleared(), visit.uid, by=SYSTEM, now=now)
    queue.drain()
    assert [row.visit_uid for row in (*ChatLine.select(), *CheckResult.select())] == ["another", "another"]


@pytest.fixture
def waiting(chromium, visit, sign_in, url, now):
    """Windows of the waiting patient."""
    call = Call(make_room(now), visit.beneficiary, make_staff("doctor"), {"patient": sign_in(visit.beneficiary)}, now)
    windows = Windows(chromium, call, url)
    yield windows
    for context in windows.contexts:
        context.close()


def begin(windows, visit, script=""):
    """Open the check on the live page, and start it."""
    page = windows.browse("patient", PHONE, script).page
    page.goto(f"/visits/{visit.uid}")
    page.get_by_role("link", name="Check camera and sound").click()
    check = page.locator("#video_check")
    check.get_by_role("button", name="Start the check").click()
    return page, check


def verdict(check, part: str):
    return check.locator(f"[data-check={part}]")


def test_a_check_in_the_browser_keeps_the_place_in_the_queue(waiting, visit):
    page, check = begin(waiting, visit)
    expect(verdict(check, "camera")).to_have_attribute("data-verdict", "ok")
    expect(verdict(check, "microphone")).to_have_attribute("data-verdict", "ok")
    check.get_by_role("button", name="Play a test tone").click()
    page.screenshot(path=artefact("check-running"), full_page=True)
    check.get_by_role("button", name="Yes, I heard it").click()
    expect(check.get_by_text("All is well for the video call.")).to_be_visible()
    page.screenshot(path=artefact("check-done"), full_page=True)
    assert page.locator("#live").count() == 1
    kept = CheckResult.get(CheckResult.visit_uid == visit.uid).findings
    assert {part: kept[part] for part in ("camera", "microphone", "speaker", "network")} == {
        "camera": "ok",
        "microphone": "ok",
        "speaker": "ok",
        "network": "ok",
    }
    assert kept["down_kbps"] > 300


def test_a_call_ends_the_check_and_releases_the_camera(waiting, visit, now, clock):
    page, check = begin(waiting, visit)
    expect(verdict(check, "camera")).to_have_attribute("data-verdict", "ok")
    page.wait_for_function("window.picture = document.querySelector('#video_check video').srcObject")
    doctor = make_staff("doctor")
    make_duty(doctor, visit.session)
    calling.call_next(doctor, visit.session, by=SYSTEM, now=now)
    clock.tick(1)  # polls are cached until time moves on
    expect(page.get_by_role("button", name="Call now")).to_be_in_viewport()
    expect(page.locator("#video_check")).to_have_count(0)
    expect(page.get_by_text("Have this ready")).to_have_count(0)
    assert not page.evaluate("window.picture.active"), "the call itself finds the camera free"


def test_refused_permissions_are_explained_for_this_browser_and_shown_to_the_doctor(waiting, visit):
    page, check = begin(waiting, visit, denied("audio", "video"))
    expect(check.get_by_text("allow microphone and camera for this page. Then press Check again.")).to_be_visible()
    expect(verdict(check, "camera")).to_have_attribute("data-verdict", "refused")
    page.screenshot(path=artefact("check-refused"), full_page=True)
    expect(check.get_by_role("button", name="Check again")).to_be_enabled()
    kept = CheckResult.get(CheckResult.visit_uid == visit.uid).findings
    assert (kept["microphone"], kept["speaker"]) == ("refused", "unknown")


def test_in_a_tab_of_its_own_the_check_polls_for_the_call_and_beside_the_queue_it_does_not(visit, sign_in):
    patient, address = sign_in(visit.beneficiary), f"/x/video_webrtc/check/{visit.uid}"
    page = patient.get(address).text
    assert f'hx-get="/visits/{visit.uid}" hx-select="#live"' in page
    for step in ("here", "call", "cancel", "more-time"):  # the panel's buttons name these forms
        assert f'<form id="{step}-form" method="post" action="/visits/{visit.uid}/{step}">' in page
    assert 'id="live"' not in patient.get(address, headers={"HX-Request": "true"}).text

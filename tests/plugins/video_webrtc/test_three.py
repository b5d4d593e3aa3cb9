"""Three Chromium windows: a third person joins by the doctor's one-time link, is admitted, and removed."""

import pytest
from playwright.sync_api import expect

from tests.plugins.video_webrtc.windows import PHONE

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def invite(doctor, name: str) -> str:
    """Invite as the doctor; return the link."""
    doctor.button("More").click()
    doctor.part("guest-name").fill(name)
    doctor.button("Make a link").click()
    expect(doctor.part("guest-link")).not_to_have_value("")
    return str(doctor.part("guest-link").input_value())


def test_a_guest_is_invited_admitted_seen_by_both_and_removed(pair, windows):
    patient, doctor = pair
    link = invite(doctor, "Sunita Devi")
    doctor.shot("doctor-invites")
    doctor.button("Send it to the patient as a message").click()
    expect(patient.part("unread")).to_have_text("1")
    guest = windows.browse("guest", PHONE)
    guest.page.goto(link)
    guest.shot("guest-invited")
    guest.page.get_by_role("button", name="Ask to come in").click()
    guest.expect("door")
    guest.shot("guest-at-the-door")
    expect(doctor.part("guest-asks")).to_contain_text("Sunita Devi asks to come in.")
    assert guest.page.evaluate("peersOfTest.length") == 0
    doctor.button("Let in").click()
    for side in (guest, doctor, patient):
        side.expect("connected")
    for side, other in ((doctor, "Sunita Devi"), (patient, "Sunita Devi"), (guest, "Doctor"), (guest, "Patient")):
        expect(side.call.get_by_label(other, exact=True)).to_be_visible()
    for side in (guest, doctor, patient):
        side.sees()
        assert len(side.pairs()) == 2
    for side, name in ((guest, "guest"), (doctor, "doctor-of-three"), (patient, "patient-of-three")):
        side.shot(name)
    expect(guest.part("chat-lines").locator("li")).to_have_count(0)
    doctor.button("End this person's part").click()
    guest.expect("over")
    expect(patient.call.get_by_label("Sunita Devi", exact=True)).to_be_hidden()
    patient.expect("connected")
    assert len(patient.pairs()) == 1

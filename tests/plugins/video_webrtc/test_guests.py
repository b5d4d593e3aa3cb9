"""The third person's link: for one browser, one-time, expiring, revocable; nobody joins before the doctor admits."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from portal_plugins.video_webrtc import rooms, tickets
from portal_plugins.video_webrtc.models import ChatLine, Invitation, Seat, Signal

from portal.work.audit import AuditRow
from tests.plugins.video_webrtc.conftest import Side


@pytest.fixture
def doctor(call):
    """The doctor, in the call."""
    side = call.join("doctor")
    side.hello()
    return side


def invite(doctor: Side, name="Sunita"):
    """Make a link; return its path."""
    answer = doctor.act("guests", {"name": name})
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.json["link"]).path, answer.json["uid"]


def knock(browser, path: str) -> Side:
    """Press the button of the link's page."""
    page = browser.get(path).text
    csrf = page.split('name="csrf-token" content="')[1].split('"')[0]
    assert browser.post(path, data={"csrf_token": csrf}).status_code == 303
    call = browser.get(path)
    assert call.status_code == 200
    return Side(browser, csrf, call.text.split('data-seat="')[1].split('"')[0], "guest/signal")


def test_the_link_names_the_guest_and_is_not_redeemed_by_reading(doctor, client):
    path, _uid = invite(doctor)
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert "Sunita, you are invited" in page.text
    assert 'id="video-call"' not in page.text
    assert Invitation.get().used_at is None


def test_a_waiting_guest_can_neither_poll_nor_send(doctor, client, call):
    call.join("patient").hello()
    guest = knock(client, invite(doctor)[0])
    assert guest.say("hello")["epoch"] == 0
    assert guest.get(1).status_code == 409
    assert guest.post({"kind": "chat", "epoch": 1, "text": "let me in"}).status_code == 404
    assert guest.post({"kind": "offer", "epoch": 1, "peer": 1, "sdp": "v=0"}).json["epoch"] == 0
    assert not Signal.select().where(Signal.kind == "offer").exists()


def test_only_the_doctor_can_admit(doctor, client, call, sign_in):
    path, uid = invite(doctor)
    patient = call.join("patient")
    own, _others = patient.hello()
    guest = knock(client, path)
    assert doctor.get(1).json["guest"] == {"uid": uid, "name": "Sunita", "state": "asking"}
    assert patient.act(f"guests/{uid}/admit", {}).status_code == 403
    assert doctor.act(f"guests/{uid}/admit", {}).status_code == 204
    epoch, others = guest.hello()
    assert {each["who"] for each in others} == {"doctor", "patient"}
    assert patient.hear(own, after=own) == [
        {"number": epoch, "kind": "hello", "epoch": epoch, "who": "guest", "name": "Sunita"}
    ]
    assert {row.action for row in AuditRow.select()} >= {"GuestInvited", "GuestAdmitted"}
    assert not any("Sunita" in row.details for row in AuditRow.select())


def test_a_link_works_once_in_one_browser(doctor, client, app):
    path, _uid = invite(doctor)
    knock(client, path)
    assert client.get(path).status_code == 200
    other = app.test_client()
    assert other.get(path).status_code == 410
    assert "used already" in other.get(path).text
    assert Seat.select().where(Seat.role == "guest").count() == 1


def test_a_link_expires_after_a_quarter_of_an_hour(doctor, client, clock):
    path, _uid = invite(doctor)
    clock.tick(15 * 60)
    assert "too old" in client.get(path).text
    assert client.get(path).status_code == 410


def test_a_revoked_link_opens_nothing_and_a_removed_guest_is_out(doctor, client):
    path, uid = invite(doctor)
    guest = knock(client, path)
    doctor.act(f"guests/{uid}/admit", {})
    epoch, _others = guest.hello()
    assert doctor.act(f"guests/{uid}/remove", {}).status_code == 204
    assert AuditRow.select().order_by(AuditRow.id.desc()).get().action == "GuestRemoved"
    assert guest.get(epoch).json == {"over": True}
    assert guest.post({"kind": "hello"}).status_code == 410
    assert client.get(path).status_code == 410
    assert [each["kind"] for each in doctor.hear(1, after=epoch)] == ["bye"]
    assert invite(doctor, "Mohan")


@pytest.mark.parametrize("name", ["", "  ", "\u202e\u200b", "1+1", None, 7])
def test_a_guest_has_a_name(doctor, name):
    assert doctor.act("guests", {"name": name}).status_code == 422
    assert Invitation.select().count() == 0


@pytest.mark.parametrize(("body", "status"), [("[" * 9_000, 400), ('{"name": NaN}', 400), ("{", 400), ("[]", 422)])
def test_an_invalid_json_body_is_refused(doctor, body, status):
    headers = {"X-Seat": doctor.seat, "X-CSRFToken": doctor.csrf, "Accept": "application/json"}
    answer = doctor.browser.post("/x/video_webrtc/guests", data=body, content_type="application/json", headers=headers)
    assert (answer.status_code, Invitation.select().count()) == (status, 0)


def test_there_is_one_guest_at_a_time(doctor, clock):
    invite(doctor)
    assert doctor.act("guests", {"name": "Mohan"}).status_code == 409
    clock.tick(15 * 60)
    assert invite(doctor, "Mohan")


def test_a_forged_link_is_not_found_and_a_guests_seat_is_bound_to_its_browser(doctor, client, app):
    path, _uid = invite(doctor)
    guest = knock(client, path)
    forged = path[:-3] + ("A" if path[-3] != "A" else "B") + path[-2:]
    assert client.get(forged).status_code == 404
    thief = Side(app.test_client(), "", guest.seat, "guest/signal")
    assert thief.get(1).status_code == 404
    stranger = Side(client, "", tickets.seat_token(Seat.get(Seat.role == "doctor").uid), "guest/signal")
    assert stranger.get(1).status_code == 404


def test_the_end_of_the_call_ends_the_link(doctor, client, call):
    path, _uid = invite(doctor)
    call.close()
    assert client.get(path).status_code == 410
    assert Invitation.select().count() == 0


def test_the_chat_stays_with_the_visit_and_a_guest_reads_only_what_comes_after(doctor, client, call, clock):
    doctor.say("chat", epoch=1, text="  Does it\x07 hurt?  ")
    path, uid = invite(doctor)
    guest = knock(client, path)
    clock.tick(1)
    doctor.act(f"guests/{uid}/admit", {})
    epoch, _others = guest.hello()
    clock.tick(1)
    guest.say("chat", epoch=epoch, text="She says yes")
    assert [line["text"] for line in doctor.get(1).json["chat"]] == ["Does it hurt?", "She says yes"]
    assert [(line["who"], line["name"]) for line in guest.get(epoch).json["chat"]] == [("guest", "Sunita")]
    call.close()
    assert ChatLine.select().count() == 2
    assert doctor.post({"kind": "chat", "epoch": 1, "text": "late"}).status_code == 410


def test_a_link_expires_with_its_room_even_when_nobody_closed_it(doctor, client, clock):
    path, _uid = invite(doctor)
    rooms.delete_old_rooms(clock.now() + timedelta(hours=13))
    assert client.get(path).status_code == 410

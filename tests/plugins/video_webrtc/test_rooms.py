"""Who can join a room: with a ticket, once, in time, both parties only; and what is deleted when it closes."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from portal_plugins import video_webrtc
from portal_plugins.video_webrtc import rooms
from portal_plugins.video_webrtc.models import Seat, Signal, VideoRoom

from portal.base.keys import random_uid
from portal.contracts import GatewayError, Participant, Room
from portal.core.visits.models import DeskHelp
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_centre, make_staff, make_visit


def test_every_room_has_a_unique_name_of_at_least_128_bits(call, now):
    names = {
        video_webrtc.open_room(visit=rooms.VisitFact("v", "MED-001", "medicine", 1), now=now).name for _ in range(50)
    }
    assert len(names) == 50
    assert {len(name) for name in names} == {22}


def test_a_join_link_expires_after_two_minutes_and_names_nobody(call, now):
    link = video_webrtc.join_link(room=call.room, participant=Participant("u", "patient", "Ramesh", "hi"), now=now)
    assert link.kind == "embed"
    assert link.expires_at == now + timedelta(minutes=2)
    assert link.url.startswith("/x/video_webrtc/room/")
    assert "Ramesh" not in link.url


@pytest.mark.parametrize("role", ["patient", "doctor"])
def test_each_side_gets_the_page_with_the_other_sides_video(call, role):
    fragment = call.browsers[role].get(call.link(role), headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert 'aria-label="You"' in fragment.text
    assert f'aria-label="{"Doctor" if role == "patient" else "Patient"}"' in fragment.text
    assert "frame-ancestors 'none'" in fragment.headers["Content-Security-Policy"]


def test_the_call_is_a_fragment_and_every_id_in_it_is_unique(call):
    text = call.browsers["patient"].get(call.link("patient")).text
    assert "<html" not in text
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert ids
    assert all(name.startswith("video-call") for name in ids)


@pytest.mark.parametrize(("name", "root"), [("call", "#video-call"), ("check", "#video_check")])
def test_its_style_is_scoped_to_its_root(name, root):
    style = (Path(str(video_webrtc.__file__)).parent / "static" / f"{name}.css").read_text()
    style = re.sub(r"/\*.*?\*/|@keyframes[^{]*\{[^{}]*\{[^}]*\}\}|@media[^{]*\{|:is\([^)]*\)", "", style, flags=re.S)
    selectors = [one.strip() for rule in style.split("}") for one in rule.rpartition("{")[0].split(",")]
    assert [one for one in selectors if one and not re.search(rf"(^|\s){root}(?![a-zA-Z0-9-])", one)] == []


def test_a_ticket_works_once(call):
    link = call.link("patient")
    assert call.browsers["patient"].get(link).status_code == 200
    again = call.browsers["patient"].get(link)
    assert again.status_code == 410
    assert "used already" in again.text
    assert call.seats() == 1


def test_an_expired_ticket_is_refused(call, clock):
    link = call.link("patient")
    clock.tick(120)
    assert call.browsers["patient"].get(link).status_code == 410
    assert call.seats() == 0


@pytest.mark.parametrize("thief", ["another patient", "another doctor", "the other side"])
def test_another_persons_ticket_is_not_found(call, sign_in, thief):
    others = {"another patient": make_beneficiary, "another doctor": lambda: make_staff("doctor")}
    browser = sign_in(others[thief]()) if thief in others else call.browsers["doctor"]
    assert browser.get(call.link("patient")).status_code == 404
    assert call.seats() == 0


def test_a_family_member_on_the_same_account_may_hold_the_phone(call, sign_in):
    relative = make_beneficiary(account=call.patient.account)
    assert sign_in(relative).get(call.link("patient")).status_code == 200


@pytest.mark.parametrize("place", [0, 5, 21, 22, 40, -1])
def test_a_ticket_with_one_character_changed_is_not_found(call, place):
    head, ticket = call.link("patient").rsplit("/", 1)
    signs = list(ticket)
    signs[place] = "A" if signs[place] != "A" else "B"
    assert call.browsers["patient"].get(f"{head}/{''.join(signs)}").status_code == 404


@pytest.mark.parametrize("ticket", ["x", "", "..", "a" * 500, "%00", "हिन्दी"])
def test_an_invalid_ticket_is_not_found(call, ticket):
    assert call.browsers["patient"].get(f"/x/video_webrtc/room/{ticket}").status_code == 404


def test_closing_deletes_everything_and_nobody_can_join(call):
    patient, doctor = call.join("patient"), call.join("doctor")
    patient.say("hello")
    late = call.link("patient")
    call.close()
    assert (Seat.select().count(), Signal.select().count()) == (0, 0)
    assert VideoRoom.get().closed_at is not None
    assert call.browsers["patient"].get(late).status_code == 410
    assert doctor.post({"kind": "hello"}).status_code == 410
    assert patient.get(1).json == {"over": True}
    assert patient.say("bye", epoch=1) == {"epoch": 0}


def test_closing_is_idempotent(call):
    assert video_webrtc.close_room(room=call.room) is True
    assert video_webrtc.close_room(room=call.room) is True


def test_there_is_no_join_link_to_a_closed_room(call):
    call.close()
    with pytest.raises(GatewayError) as refusal:
        call.link("doctor")
    assert refusal.value.permanent


def test_rooms_of_other_providers_are_ignored(call, now):
    other = Room(random_uid(), call.room.visit_uid, 1, "video_jitsi", call.room.name)
    assert video_webrtc.join_link(room=other, participant=Participant("u", "patient", "", "en"), now=now) is None
    assert video_webrtc.close_room(room=other) is None
    assert VideoRoom.get().closed_at is None


def test_rooms_that_nobody_closed_expire_after_twelve_hours(call, now):
    call.join("patient").say("hello")
    rooms.delete_old_rooms(now + timedelta(hours=12))
    assert VideoRoom.select().count() == 1
    rooms.delete_old_rooms(now + timedelta(hours=12, seconds=1))
    assert (VideoRoom.select().count(), Seat.select().count(), Signal.select().count()) == (0, 0, 0)


def test_a_plugin_that_is_off_answers_nothing_and_sweeps_nothing(call, now):
    link = call.link("patient")
    switch("video_webrtc", False, by=SYSTEM, now=now, confirmed=True)
    assert call.browsers["patient"].get(link).status_code == 404
    assert call.browsers["patient"].get("/x/video_webrtc/static/call.js").status_code == 404
    registry().sync()
    rooms.delete_old_rooms(now + timedelta(days=1))
    assert VideoRoom.select().count() == 1


def helping_desk(call, sign_in, state="in_call", way="present", centre="01"):
    """A desk of a centre, and the visit of the call's patient with which the desk of centre 01 helps."""
    visit = make_visit(state, beneficiary=call.patient)
    DeskHelp.create(visit=visit, staff=make_staff("desk"), way=way)
    call.browsers["patient"] = sign_in(make_staff("desk", centre=make_centre(centre)))
    return visit


def test_the_desk_that_sits_with_the_patient_holds_the_patients_seat(call, sign_in):
    helping_desk(call, sign_in)
    side = call.join("patient")
    epoch, _others = side.hello()
    assert (Seat.get().role, Seat.get().participant) == ("patient", call.patient.uid)
    doctor = call.join("doctor")
    assert [other["who"] for other in doctor.hello()[1]] == ["patient"]
    assert side.get(epoch).status_code == 200


@pytest.mark.parametrize(
    "trouble", [{"state": "waiting"}, {"state": "completed"}, {"way": "telephone"}, {"centre": "02"}]
)
def test_a_desk_takes_no_patients_seat_but_in_a_call_of_somebody_present_at_its_centre(call, sign_in, trouble):
    helping_desk(call, sign_in, **trouble)
    assert call.browsers["patient"].get(call.link("patient")).status_code == 404
    assert Seat.select().count() == 0


def test_other_staff_take_no_patients_seat(call, sign_in):
    helping_desk(call, sign_in)
    for role, status in {"doctor": 404, "pharmacist": 403, "medical_officer": 403, "admin": 403}.items():
        assert sign_in(make_staff(role)).get(call.link("patient")).status_code == status


def test_the_desk_reads_no_line_that_was_written_before_it_joined(call, sign_in, clock):
    patient, doctor = call.join("patient"), call.join("doctor")
    epoch, _others = patient.hello()
    patient.say("chat", text="only for the doctor", epoch=epoch)
    clock.tick(5)
    helping_desk(call, sign_in)
    desk, (doctors, _others) = call.join("patient"), doctor.hello()
    epoch, _others = desk.hello()
    clock.tick(1)
    doctor.say("chat", text="to both of you", epoch=doctors)
    assert [line["text"] for line in desk.get(epoch).json["chat"]] == ["to both of you"]
    assert len(doctor.get(doctors).json["chat"]) == 2

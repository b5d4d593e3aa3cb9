"""Room of a call: one per attempt, by plugin or by telephone, joined by the two parties only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.base.keys import random_uid
from portal.contracts import GatewayError, JoinLink, Participant, Room, VisitFact
from portal.core.calls import listeners, rooms
from portal.core.calls.models import CallRoom
from portal.core.visits.events import VisitCompleted
from portal.core.visits.models import Visit
from portal.plugin_host.models import PluginRevision, PluginState
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.at_once import at_once, done
from tests.factories import make_beneficiary, make_staff, make_visit


class FakeVideo:
    """A video plugin that records its calls."""

    def __init__(self) -> None:
        self.opened: list[Room] = []
        self.closed: list[str] = []
        self.down = False
        self.kind = "embed"

    def open_room(self, visit: VisitFact, now: datetime) -> Room:
        self._fail_when_down()
        room = Room(random_uid(), visit.uid, visit.attempt, "fake_video", f"room-{random_uid()}")
        self.opened.append(room)
        return room

    def join_link(self, room: Room, participant: Participant, now: datetime) -> JoinLink:
        self._fail_when_down()
        url = f"/x/fake_video/{room.name}?as={participant.role}"
        return JoinLink(self.kind, url, now + timedelta(minutes=2))  # type: ignore[arg-type]

    def close_room(self, room: Room) -> bool:
        self._fail_when_down()
        self.closed.append(room.uid)
        return True

    def _fail_when_down(self) -> None:
        if self.down:
            raise GatewayError("the video server does not answer")


@pytest.fixture
def video(db: None) -> Any:
    """A video plugin that is on."""
    PluginState.update(enabled=False).execute()
    fake = FakeVideo()
    registry().installed["fake_video"] = fake  # type: ignore[assignment]
    PluginState.create(name="fake_video", enabled=True, position=1)
    PluginRevision.delete().execute()
    PluginRevision.create(id=1, number=99)
    registry().sync()
    return fake


@pytest.fixture
def no_video(db: None) -> None:
    """Every plugin is off."""
    PluginState.update(enabled=False).execute()
    PluginRevision.delete().execute()
    PluginRevision.create(id=1, number=99)
    registry().sync()


def room_of(visit: Visit) -> str:
    return f"/visits/{visit.uid}/room"


def test_both_sides_join_the_same_room_with_links_of_their_own(sign_in, video: FakeVideo) -> None:
    visit = make_visit("in_call")
    patient = sign_in(visit.beneficiary).get(room_of(visit)).get_data(as_text=True)
    doctor = sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").get_data(as_text=True)
    name = video.opened[0].name
    assert f'hx-get="/x/fake_video/{name}?as=patient"' in patient
    assert f'hx-get="/x/fake_video/{name}?as=doctor"' in doctor
    assert len(video.opened) == CallRoom.select().count() == 1


def test_without_video_the_doctor_phones(sign_in, no_video: None) -> None:
    visit = make_visit("in_call", beneficiary=make_beneficiary(mobile="+919876543210"))
    patient = sign_in(visit.beneficiary).get(room_of(visit)).get_data(as_text=True)
    assert "The doctor will phone you on 98xxxxxx10" in patient
    assert "Leave call" in patient
    doctor = sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").get_data(as_text=True)
    assert "98xxxxxx10" in doctor
    assert "9876543210" not in doctor
    assert CallRoom.get().provider == "telephone"


def test_when_video_fails_to_open_the_fallback_is_the_telephone(sign_in, video: FakeVideo) -> None:
    video.down = True
    visit = make_visit("in_call")
    assert "The doctor will phone you" in sign_in(visit.beneficiary).get(room_of(visit)).get_data(as_text=True)
    assert CallRoom.get().provider == "telephone"


def test_when_video_fails_later_the_page_still_works(sign_in, video: FakeVideo) -> None:
    visit = make_visit("in_call")
    browser = sign_in(visit.beneficiary)
    browser.get(room_of(visit))
    video.down = True
    assert "The doctor will phone you" in browser.get(room_of(visit)).get_data(as_text=True)
    assert CallRoom.get().provider == "fake_video"


@pytest.mark.parametrize("role", ["doctor", "medical_officer", "pharmacist", "admin"])
def test_staff_cannot_join_as_the_patient(sign_in, role: str) -> None:
    assert sign_in(make_staff(role)).get(room_of(make_visit("in_call"))).status_code == 403


@pytest.mark.parametrize(
    ("state", "attempt", "status"),
    [
        ("waiting", 0, 404),
        ("awaiting_recall", 1, 410),
        ("completed", 1, 410),
        ("cancelled", 1, 410),
        ("no_show", 3, 410),
    ],
)
def test_outside_the_call_there_is_no_room(sign_in, video: FakeVideo, state: str, attempt: int, status: int) -> None:
    visit = make_visit(state, attempt=attempt)
    assert sign_in(visit.beneficiary).get(room_of(visit)).status_code == status
    assert video.opened == []


def test_while_called_the_room_redirects_to_the_call_button(sign_in) -> None:
    visit = make_visit("called")
    answer = sign_in(visit.beneficiary).get(room_of(visit))
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit.uid}")


def test_the_patients_page_learns_by_poll_that_the_call_has_ended(sign_in) -> None:
    visit = make_visit("in_call")
    browser, beat = sign_in(visit.beneficiary), f"{room_of(visit)}?part=beat"
    assert browser.get(beat, headers={"HX-Request": "true"}).status_code == 204
    Visit.update(state="writing").where(Visit.id == visit.id).execute()
    assert browser.get(beat, headers={"HX-Request": "true"}).headers["HX-Redirect"] == f"/visits/{visit.uid}"


def test_a_second_attempt_gets_a_room_of_its_own(video: FakeVideo, now: datetime) -> None:
    visit = make_visit("in_call")
    first = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    visit.attempt = 2
    second = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    assert first.name != second.name


def test_of_two_concurrent_calls_the_second_uses_the_first_room(app: Flask, video: FakeVideo, now) -> None:
    visit = make_visit("in_call")

    def enter() -> str:
        return rooms.open_room(registry(), visit, by=SYSTEM, now=now).uid

    found = done(at_once(app, [enter] * 4))
    assert len(set(found)) == CallRoom.select().count() == 1
    assert {room.uid for room in video.opened} - set(video.closed) == set(found)


def test_completion_closes_the_room_and_nobody_can_join_again(queue, video: FakeVideo, now: datetime) -> None:
    visit = make_visit("in_call")
    row = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    Visit.update(state="completed").where(Visit.id == visit.id).execute()
    record(VisitCompleted(visit.token, "writing", "completed", 1), visit.uid, by=SYSTEM, now=now)
    queue.drain()
    assert video.closed == [row.uid]
    assert CallRoom.get().closed_at == now


def test_closing_a_room_is_retried(video: FakeVideo, now: datetime) -> None:
    visit = make_visit("in_call")
    rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    Visit.update(state="cancelled").where(Visit.id == visit.id).execute()
    video.down = True
    listeners.sweep_ended_rooms(now)
    assert CallRoom.get().closed_at is None
    video.down = False
    listeners.sweep_ended_rooms(now)
    assert CallRoom.get().closed_at == now


def test_an_active_call_is_not_swept(video: FakeVideo, now: datetime) -> None:
    rooms.open_room(registry(), make_visit("in_call"), by=SYSTEM, now=now)
    listeners.sweep_ended_rooms(now)
    assert video.closed == []

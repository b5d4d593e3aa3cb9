"""Rooms and seats: whose, when, once; the doctor joins every room first (S51, S53)."""

import jwt
import pytest
from portal_plugins.video_jitsi import rooms
from portal_plugins.video_jitsi.models import JitsiCallback, JitsiRoom, JitsiSeat

from portal.contracts import VisitFact
from portal.core.calls import call_log
from portal.core.calls import rooms as core_rooms
from portal.core.visits.models import DeskHelp, Visit
from portal.plugin_host.registry import registry
from tests.factories import make_beneficiary, make_centre, make_staff
from tests.plugins.video_jitsi.conftest import SECRET, Call
from tests.statements import statements as statements


def claims_of(token: str) -> dict[str, object]:
    return jwt.decode(
        token,
        SECRET,
        ["HS256"],
        audience="jitsi",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )


def test_names_are_128_random_bits_and_unique(db, now) -> None:
    opened = [rooms.open_room(VisitFact("v", "MED-012", "medicine", 1), now=now) for _ in range(200)]
    names = {room.name for room in opened}
    assert len(names) == len(opened)
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)


def test_a_room_is_one_per_attempt_and_new_for_the_next(call: Call, now) -> None:
    call.link("patient"), call.link("doctor")
    assert JitsiRoom.select().count() == 1
    Visit.update(attempt=2).where(Visit.id == call.visit.id).execute()
    call.link("doctor")
    assert len({room.name for room in JitsiRoom.select()}) == 2


def test_the_patient_waits_until_the_doctor_is_in_the_room(call: Call) -> None:
    patient, doctor = call.take_seat("patient"), call.take_seat("doctor")
    assert patient.token().json == {"wait": True}
    first = claims_of(doctor.token().json["jwt"])
    assert first["context"]["user"]["moderator"] == "true"
    assert doctor.tell("joined", "d1").status_code == 204
    second = claims_of(patient.token().json["jwt"])
    assert "moderator" not in second["context"]["user"]
    assert (second["room"], second["context"]["user"]["name"]) == (first["room"], "Ramesh Kumar")
    doctor.tell("left", "d1")
    assert patient.token().json == {"wait": True}


def test_joining_costs_few_queries(call: Call, statements: list[str]) -> None:
    patient, doctor = call.take_seat("patient"), call.take_seat("doctor")
    doctor.tell("joined", "d1")
    statements.clear()
    assert "jwt" in patient.token().json
    assert len(statements) <= 8, statements


def test_a_doctor_whose_presence_expired_is_not_in_the_room(call: Call, clock) -> None:
    patient, doctor = call.take_seat("patient"), call.take_seat("doctor")
    doctor.tell("joined", "d1")
    assert "jwt" in patient.token().json
    Visit.update(lease_until=clock.now()).where(Visit.id == call.visit.id).execute()
    assert patient.token().json == {"wait": True}


def test_each_click_gets_a_token_of_its_own(call: Call) -> None:
    doctor = call.take_seat("doctor")
    assert len({claims_of(doctor.token().json["jwt"])["jti"] for _ in range(3)}) == 3


def test_a_join_link_works_once_for_its_person_and_expires_after_two_minutes(call: Call, sign_in, clock) -> None:
    link = call.link("patient")
    for stranger in (make_beneficiary(), make_staff("doctor"), call.visit.doctor):
        assert sign_in(stranger).get(link).status_code == 404
    assert call.browsers["patient"].get(link).status_code == 200
    assert call.browsers["patient"].get(link).status_code == 410
    late = call.link("patient")
    clock.tick(121)
    assert call.browsers["patient"].get(late).status_code == 410
    assert call.browsers["patient"].get("/x/video_jitsi/room/abc.def.ghi").status_code == 404


def test_a_seat_belongs_to_one_person(call: Call, sign_in) -> None:
    seat = call.take_seat("doctor").seat
    for stranger in (call.visit.beneficiary, make_staff("doctor"), make_beneficiary()):
        assert sign_in(stranger).get(seat).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"state": "completed"},
        {"state": "awaiting_recall"},
        {"state": "waiting"},
        {"attempt": 2},
    ],
)
def test_when_the_visit_moved_on_a_stale_page_gets_no_token(call: Call, change) -> None:
    patient, doctor = call.take_seat("patient"), call.take_seat("doctor")
    doctor.tell("joined")
    Visit.update(**change).where(Visit.id == call.visit.id).execute()
    for side in (patient, doctor):
        assert side.token().status_code == 410
        assert side.browser.get(f"{side.seat}/state").status_code == 410
        assert side.browser.get(side.seat).status_code == 410


def test_completion_closes_the_room_and_the_log(call: Call, now, queue) -> None:
    patient, doctor = call.take_seat("patient"), call.take_seat("doctor")
    doctor.tell("joined", "d"), patient.tell("joined", "p")
    doctor.browser.submit(f"/visits/{call.visit.uid}/complete", {"confirm": "yes"}, page="/board")
    queue.drain()
    assert JitsiRoom.get().closed_at == now
    assert patient.token().status_code == doctor.token().status_code == 410
    (attempt,) = call_log.attempts_of(call.visit, now)
    assert (attempt.log.outcome, attempt.log.ended) == ("both", "VisitCompleted")


def test_only_the_seats_page_permits_the_jitsi_server(call: Call) -> None:
    doctor = call.take_seat("doctor")
    page = doctor.browser.get(doctor.seat)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://meet.example.in;" in policy
    assert "frame-src https://meet.example.in;" in policy
    assert "unsafe" not in policy
    assert 'camera=(self "https://meet.example.in")' in page.headers["Permissions-Policy"]
    assert "jwt" not in page.text
    for other in (call.link("patient"), f"/visits/{call.visit.uid}/consult", f"{doctor.seat}/state"):
        headers = call.browsers["doctor"].get(other).headers
        assert "meet.example.in" not in str(headers)


def test_the_frame_is_in_the_readers_language(call: Call) -> None:
    call.browsers["patient"].get("/lang/hi")
    page = call.browsers["patient"].get(call.take_seat("patient").seat).text
    assert '"lang": "hi"' in page
    assert "Dr Asha Verma" in page


@pytest.mark.parametrize(
    "body",
    [
        {"what": "ended"},
        {"what": "mode", "word": "phone"},
        {"what": "mode", "word": "telepathy"},
        {"what": "joined", "role": "doctor"},
        [],
        "x",
    ],
)
def test_a_page_cannot_report_on_others(call: Call, body) -> None:
    assert call.take_seat("patient").post("events", body).status_code == 422
    assert call_log.attempts_of(call.visit, call.room.opened_at)[0].log.moments == ()


def test_without_the_csrf_token_an_event_is_refused(call: Call) -> None:
    side = call.take_seat("doctor")
    assert side.post("token", **{"X-CSRFToken": "wrong"}).status_code == 400


def test_expired_rooms_are_deleted_and_the_log_stays(call: Call, clock) -> None:
    call.take_seat("doctor").tell("joined")
    JitsiCallback.create(key="k" * 8, at=clock.now())
    rooms.delete_old_jitsi_rooms(clock.tick(13 * 3600))
    assert JitsiRoom.select().count() == JitsiSeat.select().count() == JitsiCallback.select().count() == 0
    assert call_log.attempts_of(call.visit, clock.now())[0].log.stays


def test_another_providers_room_is_ignored(call: Call, now) -> None:
    from dataclasses import replace

    room = replace(core_rooms.as_fact(call.room), provider="other")
    assert registry().ask("video_jitsi", "close_room", room=room) is None
    assert registry().ask("video_jitsi", "join_link", room=room, participant=None, now=now) is None


def test_the_desk_that_sits_with_the_patient_takes_the_patients_seat(call: Call, sign_in) -> None:
    DeskHelp.create(visit=call.visit, staff=make_staff("desk"), way="present")
    link = call.link("patient")
    for stranger in (make_staff("desk", centre=make_centre("02")), make_staff("doctor")):
        assert sign_in(stranger).get(link).status_code == 404
    doctor = call.take_seat("doctor")
    doctor.tell("joined", "d1")
    call.browsers["patient"] = sign_in(make_staff("desk"))
    fragment = call.browsers["patient"].get(link)
    seat = fragment.text.split('<iframe src="')[1].split('"')[0]
    assert call.browsers["patient"].get(seat).status_code == 200
    assert JitsiSeat.get(JitsiSeat.role == "patient").participant == call.visit.beneficiary.uid

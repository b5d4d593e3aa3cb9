"""Signalling: sent by one page, polled by the other; invalid signals are refused and change nothing."""

import pytest
from portal_plugins.video_webrtc import signals
from portal_plugins.video_webrtc.models import Signal, VideoRoom

from portal.core.calls.models import CallEvent, CallRoom
from portal.store.db import database
from tests.factories import make_visit
from tests.plugins.video_webrtc.conftest import make_room

CANDIDATE = {"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}


@pytest.fixture
def joined(call):
    """Both have said hello; the doctor's epoch is 1, the patient's 2."""
    doctor, patient = call.join("doctor"), call.join("patient")
    assert doctor.hello() == (1, [])
    assert patient.hello() == (2, [{"epoch": 1, "who": "doctor", "name": ""}])
    return doctor, patient


def kinds(messages):
    return [message["kind"] for message in messages]


def test_the_first_page_gets_the_hello_of_the_second(joined):
    doctor, patient = joined
    assert doctor.hear(1, after=1) == [{"number": 2, "kind": "hello", "epoch": 2, "who": "patient", "name": ""}]
    assert patient.hear(2, after=2) == []


def test_an_offer_its_answer_and_candidates_arrive_in_order(joined):
    doctor, patient = joined
    doctor.say("offer", epoch=1, peer=2, sdp="v=0 offer")
    doctor.say("candidates", epoch=1, peer=2, candidates=[CANDIDATE])
    patient.say("answer", epoch=2, peer=1, sdp="v=0 answer")
    offer, candidates = patient.hear(2, after=2)
    assert offer == {"number": 3, "kind": "offer", "epoch": 1, "sdp": "v=0 offer"}
    assert candidates["candidates"] == [CANDIDATE | {"usernameFragment": None}]
    assert kinds(doctor.hear(1)) == ["hello", "answer"]
    assert kinds(doctor.hear(1, after=2)) == ["answer"]


def test_a_page_that_rejoins_is_told_who_is_there_and_starts_afresh(joined, call):
    doctor, _patient = joined
    doctor.say("offer", epoch=1, peer=2, sdp="v=0")
    again = call.join("patient")
    assert again.hello() == (4, [{"epoch": 1, "who": "doctor", "name": ""}])
    assert again.hear(4, after=4) == []
    assert [message["epoch"] for message in doctor.hear(1, after=2)] == [4]


def test_the_stale_page_of_a_side_gets_a_conflict(joined, call):
    _doctor, patient = joined
    call.join("patient").say("hello")
    assert patient.get(2).status_code == 409
    assert patient.post({"kind": "answer", "epoch": 2, "peer": 1, "sdp": "v=0"}).status_code == 409
    assert Signal.select().where(Signal.kind == "answer").count() == 0


def test_a_late_bye_of_a_stale_page_does_not_end_the_newer_one(joined, call):
    doctor, patient = joined
    newer = call.join("patient")
    newer.say("hello")
    assert patient.post({"kind": "bye", "epoch": 2}).status_code == 409
    assert kinds(doctor.hear(1, after=2)) == ["hello"]


def test_after_a_bye_nobody_is_there(joined, call):
    doctor, patient = joined
    patient.say("bye", epoch=2)
    assert kinds(doctor.hear(1)) == ["hello", "bye"]
    assert call.join("doctor").hello()[1] == []


@pytest.mark.parametrize(("parts", "word"), [({"wanted": True}, "goodbye"), ({}, "")])
def test_a_bye_by_the_button_is_told_from_a_page_that_was_closed(joined, call, now, parts, word):
    visit = make_visit("in_call", beneficiary=call.patient, doctor=call.doctor)
    CallRoom.create(
        uid=call.room.uid, visit=visit, attempt=1, provider="video_webrtc", name=call.room.name, opened_at=now
    )
    joined[1].say("bye", epoch=2, **parts)
    assert [(event.kind, event.role, event.word) for event in CallEvent.select()] == [("left", "patient", word)]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'"hello"',
        b"\xff\xfe",
        {},
        {"kind": "shout"},
        {"kind": None},
        {"kind": "hello", "name": "Ramesh"},
        {"kind": "bye"},
        {"kind": "bye", "epoch": 2, "wanted": "perhaps"},
        {"kind": "bye", "epoch": "2"},
        {"kind": "bye", "epoch": 0},
        {"kind": "offer", "epoch": 2, "peer": 1},
        {"kind": "offer", "epoch": 2, "peer": 1, "sdp": ""},
        {"kind": "offer", "epoch": 2, "peer": 1, "sdp": 7},
        {"kind": "offer", "epoch": 2, "peer": 10**12, "sdp": "v=0"},
        {"kind": "candidates", "epoch": 2, "peer": 1, "candidates": []},
        {"kind": "candidates", "epoch": 2, "peer": 1, "candidates": [CANDIDATE] * 51},
        {"kind": "candidates", "epoch": 2, "peer": 1, "candidates": [CANDIDATE | {"extra": 1}]},
        {"kind": "status", "epoch": 2, "peer": 1, "voice": True, "picture": "on", "quality": "superb"},
        {"kind": "chat", "epoch": 2, "text": " \u0007 "},
        {"kind": "chat", "epoch": 2, "text": "x" * 1001},
    ],
)
def test_an_invalid_signal_is_refused_and_not_stored(joined, message):
    _doctor, patient = joined
    answer = patient.post(message)
    unread = {"The body is not JSON.", "The body is not JSON in UTF-8."}
    if message in (b"", b"not json", b"\xff\xfe"):
        assert (answer.status_code, answer.json["error"] in unread) == (400, True)
    else:
        assert (answer.status_code, answer.json["fields"]) == (422, {"": "This is not a signal of a call."})
    assert (VideoRoom.get().last_number, Signal.select().count()) == (2, 2)


def test_sixteen_kilobytes_pass_and_one_more_byte_is_too_big(joined):
    doctor, _patient = joined
    envelope = b'{"kind":"offer","epoch":1,"peer":2,"sdp":"%s"}'
    room = 16 * 1024 - len(envelope % b"")
    assert doctor.post(envelope % (b"v" * room)).status_code == 200
    assert doctor.post(envelope % (b"v" * (room + 1))).status_code == 413
    assert Signal.select().where(Signal.kind == "offer").count() == 1


@pytest.mark.parametrize(
    "query", ["", "?epoch=1", "?epoch=x&after=0", "?epoch=1&after=-1", "?epoch=1&after=" + "9" * 30]
)
def test_a_poll_with_invalid_numbers_is_refused(joined, query):
    doctor, _patient = joined
    answer = doctor.browser.get(
        f"/x/video_webrtc/signal{query}", headers={"X-Seat": doctor.seat, "Accept": "application/json"}
    )
    assert answer.status_code == 422


def test_a_seat_is_useless_to_the_other_side_or_without_its_token(joined):
    doctor, patient = joined
    assert doctor.post({"kind": "hello"}, **{"X-Seat": patient.seat}).status_code == 404
    assert doctor.post({"kind": "hello"}, **{"X-Seat": ""}).status_code == 404
    assert doctor.post({"kind": "hello"}, **{"X-Seat": doctor.seat[:-1] + "_"}).status_code == 404
    assert Signal.select().count() == 2


def test_a_signal_without_the_csrf_token_is_refused(joined):
    doctor, _patient = joined
    assert doctor.post({"kind": "hello"}, **{"X-CSRFToken": ""}).status_code == 400


def test_a_signal_from_a_foreign_site_is_refused(joined):
    doctor, _patient = joined
    assert doctor.post({"kind": "hello"}, Origin="https://evil.example").status_code == 400


def test_rooms_are_isolated(joined, call, now):
    doctor, _patient = joined
    call.room = make_room(now)
    elsewhere = call.join("patient")
    assert elsewhere.hello() == (1, [])
    assert [message["epoch"] for message in doctor.hear(1)] == [2]


def test_a_room_has_a_limit_of_signals(joined, monkeypatch):
    doctor, _patient = joined
    monkeypatch.setattr(signals, "MOST_SIGNALS", 3)
    doctor.say("offer", epoch=1, peer=2, sdp="v=0")
    assert doctor.post({"kind": "offer", "epoch": 1, "peer": 2, "sdp": "v=0"}).status_code == 429
    assert VideoRoom.get().last_number == 3


def test_signals_are_not_logged(joined, capfd):
    doctor, _patient = joined
    doctor.say("offer", epoch=1, peer=2, sdp="canary-sdp-4711")
    doctor.post(b'{"kind":"offer","sdp":"canary-sdp-4711"}')
    said = capfd.readouterr()
    assert "canary-sdp-4711" not in said.out + said.err
    assert doctor.seat not in said.out + said.err


def test_polls_cost_few_queries(joined, monkeypatch):
    _doctor, patient = joined
    asked = []
    execute = type(database.obj).execute_sql
    monkeypatch.setattr(
        type(database.obj),
        "execute_sql",
        lambda self, sql, *rest, **more: asked.append(sql) or execute(self, sql, *rest, **more),
    )
    patient.hear(2)
    assert len(asked) <= 11, asked
